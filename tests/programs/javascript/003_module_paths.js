console.log(module.paths);
console.log(require.resolve.paths('x'));
