const c = require('child_process').spawn('sleep', ['10']);
c.on('exit', (code, signal) => console.log(code, signal));
c.kill();
