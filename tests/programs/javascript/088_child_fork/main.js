const c = require('child_process').fork('./child.js', ['arg']);
c.on('message', (m) => { console.log(m); c.send('bye'); }).on('exit', (code) => console.log('exit', code));
