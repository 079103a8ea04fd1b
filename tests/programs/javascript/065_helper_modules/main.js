const h = require('./helper');
console.log(h.where, require.cache[require.resolve('./helper')].parent === module, module.children.length);
h.fail();
