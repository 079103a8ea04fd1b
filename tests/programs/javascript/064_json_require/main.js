console.log(require('./data'), require('./data.json') === require('./data'), require('./lib').name);
