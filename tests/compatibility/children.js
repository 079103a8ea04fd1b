const { spawn, spawnSync, exec, execFile, fork } = require('child_process');
if (process.argv[2] === 'child') { process.send('hi'); process.disconnect(); } else {
  if (spawnSync('cat', ['/etc/passwd']).status !== 0) throw new Error('spawnSync');
  const c = fork(__filename, ['child']);
  c.on('message', () => exec('echo a | tr a b', (e, out) => { if (out === 'b\n') execFile(process.execPath, ['-p', '1+1'], (e2, o2) => { if (o2 === '2\n') console.log('ok'); else throw e2; }); else throw e; }));
}
