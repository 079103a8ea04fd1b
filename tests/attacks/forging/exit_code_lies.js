process.on('exit', (code) => { process.exitCode = 37; });
process.exit(0);
