console.log('one');
return;
console.log('never');
