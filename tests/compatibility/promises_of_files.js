const fs = require('fs/promises');
const old = require('fs');
(async () => {
  await fs.readFile(__filename); await fs.readdir('/', { withFileTypes: true }); await fs.access('/etc'); await fs.realpath('.'); await fs.lstat('/bin');
  const h = await fs.open(__filename); await h.stat(); await h.read(Buffer.alloc(4), 0, 4, 0); await h.close();
  for await (const c of old.createReadStream(__filename)) c.length;
  old.opendirSync('/').closeSync(); old.readlinkSync('/bin'); old.statfsSync?.('/');
  console.log('ok');
})();
