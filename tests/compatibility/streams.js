const { pipeline } = require('stream/promises');
const { Readable, PassThrough } = require('stream');
const z = require('zlib');
(async () => { const out = new PassThrough(); let n = 0; out.on('data', (d) => { n += d.length; }); await pipeline(Readable.from(['a'.repeat(100000)]), z.createGzip(), z.createGunzip(), out); if (n === 100000) console.log('ok'); })();
