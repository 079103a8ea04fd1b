const a = require('./a');
exports.early = a.done;
exports.done = true;
