const c = require('crypto');
c.generateKeyPairSync('ec', { namedCurve: 'P-256' }); c.generateKeyPairSync('ed25519'); c.randomBytes(32); c.randomUUID(); c.pbkdf2Sync('p', 's', 1000, 16, 'sha256');
c.scrypt('p', 's', 16, () => c.webcrypto.subtle.digest('SHA-256', Buffer.from('x')).then(() => { const z = require('zlib'); if (String(z.brotliDecompressSync(z.brotliCompressSync('hi'))) === 'hi' && String(z.gunzipSync(z.gzipSync('hi'))) === 'hi') console.log('ok'); }));
