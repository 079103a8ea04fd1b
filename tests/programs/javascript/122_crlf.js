console.log('one');
console.log(`t
w`.length);
