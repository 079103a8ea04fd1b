const block = 'flood '.repeat(8192);
const write = () => { while (process.stdout.write(block)); process.stdout.once('drain', write); };
write();
