process.emitWarning('careful', 'CustomWarning', 'C001');
new Buffer(3);
console.log('done');
