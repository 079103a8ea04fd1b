process.exitCode = 4;
console.log('goes on');
setTimeout(() => console.log('and on'), 10);
