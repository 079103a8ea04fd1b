process.on('exit', () => process.exit(7));
process.exit(1);
