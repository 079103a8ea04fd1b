const e = new (require('events'))();
for (let n = 0; n < 12; n++) e.on('x', () => {});
console.log('done');
