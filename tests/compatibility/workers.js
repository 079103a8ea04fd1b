const { Worker } = require('worker_threads');
Promise.all([...Array(4).keys()].map((n) => new Promise((done, fail) => new Worker(`require('worker_threads').parentPort.postMessage(${n} * 2)`, { eval: true }).on('message', done).on('error', fail)))).then((r) => { if (r.join() === '0,2,4,6') console.log('ok'); });
