const c = require('crypto');
console.log(c.createHash('sha256').update('x').digest('hex'), require('zlib').gzipSync('aaaa').length, c.randomUUID().length, c.webcrypto === globalThis.crypto);
c.scrypt('p', 's', 16, (e, k) => console.log(k.toString('hex')));
