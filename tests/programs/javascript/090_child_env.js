console.log(require('child_process').execSync('env').toString().split('\n').map((l) => l.split('=')[0]).sort());
