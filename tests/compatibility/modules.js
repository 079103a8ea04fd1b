const m = require('module');
const r = m.createRequire(__filename);
r('fs');
(async () => { await import('node:path'); const vm = require('vm'); if (vm.runInNewContext('1+1') === 2 && new Intl.DateTimeFormat('de').format(0)) console.log('ok'); })();
