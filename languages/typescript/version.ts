console.log(process.version as string);
