// Worker threads until something gives.
const { Worker } = require('node:worker_threads');
setInterval(() => {
  const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
  worker.on('error', () => {});
}, 1);
