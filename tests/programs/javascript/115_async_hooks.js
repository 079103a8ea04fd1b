const { AsyncLocalStorage } = require('async_hooks');
const s = new AsyncLocalStorage();
s.run(7, () => setTimeout(() => console.log(s.getStore(), require('async_hooks').executionAsyncId() > 1), 1));
