console.log(process.argv.slice(1), process.argv.length, process.argv0);
