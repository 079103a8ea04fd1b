const cluster = require('cluster');
if (cluster.isPrimary) {
  cluster.fork().on('exit', (code) => console.log('worker left', code));
} else {
  console.log('worker', process.argv.length, process.execArgv);
  process.exit(6);
}
