setTimeout(() => console.log('never'), 100000);
setTimeout(() => process.exit(0), 20);
