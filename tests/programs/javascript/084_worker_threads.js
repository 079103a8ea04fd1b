const { Worker, isMainThread, parentPort, workerData, threadId } = require('worker_threads');
if (isMainThread) {
  const w = new Worker(__filename, { workerData: 20, argv: ['a'] });
  w.on('message', (m) => console.log(m)).on('exit', (c) => console.log('exit', c));
} else {
  parentPort.postMessage([workerData + 1, threadId, process.argv.length, process.execArgv, require.main === module, Object.keys(process.env).sort()]);
}
