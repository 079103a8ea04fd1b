const { performance, PerformanceObserver } = require('perf_hooks');
console.log(typeof performance.now(), performance.now() > 0, performance.timeOrigin <= Date.now());
