const { lookup } = require('dns');
lookup('example.com', (e) => {
  console.log(e.code, e.syscall);
  lookup('localhost', { family: 4 }, (e, a) => console.log(e, a));
});
