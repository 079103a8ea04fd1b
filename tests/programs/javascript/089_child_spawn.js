const { spawn, spawnSync, execSync } = require('child_process');
console.log(execSync('echo $0; pwd; ls').toString());
const r = spawnSync(process.execPath, ['-e', 'console.log(process.argv.length, process.execArgv); process.exit(4)']);
console.log(r.status, r.stdout.toString(), r.stderr.toString());
spawn('sh', ['-c', 'exit 5']).on('exit', (c, s) => console.log(c, s));
