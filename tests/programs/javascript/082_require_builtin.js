console.log(require('module').builtinModules.length, require('node:path') === require('path'));
