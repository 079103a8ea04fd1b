console.log(Object.keys(require.cache), Object.keys(require.extensions), module.constructor._pathCache);
