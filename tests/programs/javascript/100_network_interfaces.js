console.log(Object.keys(require('os').networkInterfaces()));
