const { setTimeout: wait } = require('timers/promises');
wait(10, 'waited').then(console.log);
