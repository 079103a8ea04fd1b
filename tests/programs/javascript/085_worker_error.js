const { Worker } = require('worker_threads');
new Worker('throw new Error("in the worker")', { eval: true });
