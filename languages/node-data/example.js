const _ = require('lodash');

const name = 'world';
console.log(`Hello, ${name}!`);
console.log(_.sum(_.range(10).map((n) => n * n)));
