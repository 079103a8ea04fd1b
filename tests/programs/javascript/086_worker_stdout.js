const { Worker } = require('worker_threads');
new Worker('console.log("from a worker"); console.error("and stderr"); process.exit(3)', { eval: true }).on('exit', (c) => console.log('code', c));
