console.log('parent');
require('child_process').spawnSync('echo', ['child'], { stdio: 'inherit' });
