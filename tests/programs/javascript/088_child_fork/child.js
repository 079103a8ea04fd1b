process.send([process.argv.slice(2), process.execArgv, __filename, require.main === module]);
process.on('message', () => process.exit(8));
