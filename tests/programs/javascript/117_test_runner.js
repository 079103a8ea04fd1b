const test = require('test');
