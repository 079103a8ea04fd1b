console.log(__filename, __dirname, typeof module, typeof exports, typeof require);
console.log(module.id, module.filename, module.loaded, module.parent, module.children.length, module.path);
