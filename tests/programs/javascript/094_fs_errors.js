const fs = require('fs');
try { fs.readFileSync('nowhere.txt'); } catch (e) { console.log(e.message, e.code, e.errno); }
fs.readFile('nowhere.txt', 'utf8', (e) => { throw e; });
