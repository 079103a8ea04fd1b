const fs = require('fs/promises');
(async () => {
  console.log((await fs.readdir('.')).sort(), (await fs.stat(__filename)).isFile());
  await fs.writeFile('/usr/x', 'x').catch((e) => console.log(e.code, e.syscall));
})();
