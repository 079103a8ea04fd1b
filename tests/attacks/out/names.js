const dns = require('node:dns');
const fs = require('node:fs');
(async () => {
  for (const [what, ask] of [['lookup', dns.promises.lookup], ['resolve4', dns.promises.resolve4], ['resolveTxt', dns.promises.resolveTxt]]) {
    await ask('example.com').then(() => fs.writeSync(1, `${what}: DONE\n`), (e) => fs.writeSync(1, `${what}: ${e.code}\n`));
  }
})();
