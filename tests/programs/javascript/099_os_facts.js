const os = require('os');
console.log(os.platform(), os.hostname(), os.homedir(), os.tmpdir(), os.EOL, os.endianness(), os.cpus().length);
