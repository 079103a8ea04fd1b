console.log = (...a) => process.stdout.write(`[${a}]\n`);
console.log('mine', 1);
