console.log(process.execArgv, process.execPath, process.title, process.env.NODE_OPTIONS);
