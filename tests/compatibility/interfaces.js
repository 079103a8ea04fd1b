const i = require('os').networkInterfaces();
if (Object.keys(i).every((n) => n === 'lo')) console.log('ok');
