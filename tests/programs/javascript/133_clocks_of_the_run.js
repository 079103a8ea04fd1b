const { performance, PerformanceObserver } = require('perf_hooks');
const { Worker } = require('worker_threads');
const soon = (ms) => ms >= 0 && ms < 3000;
console.log(soon(performance.now()), soon(process.uptime() * 1000), soon(Date.now() - performance.timeOrigin));
console.log(Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 500);
console.log(soon(performance.mark('here').startTime), soon(performance.getEntriesByName('here')[0].startTime));
console.log(performance.mark('told', { startTime: 7, detail: 1 }).startTime, performance.mark('told', { detail: 1 }).detail);
for (const measure of [
  performance.measure('from the start'), performance.measure('from here', 'here'),
  performance.measure('between', 'here', 'told'), performance.measure('told', { start: 1, duration: 2 }),
  performance.measure('detail', { start: 'here', detail: { a: 1 } }),
]) console.log(measure.name, soon(measure.startTime), measure.duration < 3000, measure.detail);
console.log(soon(performance.nodeTiming.duration), soon(performance.nodeTiming.bootstrapComplete), performance.nodeTiming.loopStart);
console.log(soon(performance.toJSON().nodeTiming.duration), soon(new Event('x').timeStamp));
for (const [object, name] of [[process, 'uptime'], [performance, 'now'], [performance, 'mark'], [performance, 'measure']]) {
  console.log(object[name].name, object[name].length, typeof object[name], Object.getOwnPropertyNames(object[name]).join());
}
try { performance.mark(Symbol('x')); } catch (error) { console.log(error.name, error.code); }
try { performance.measure('x', 'nowhere'); } catch (error) { console.log(error.name, error.message); }
const hr = process.hrtime();
console.log(process.hrtime(hr)[0] < 3, typeof process.hrtime.bigint());
setTimeout(() => {
  const { utilization, active, idle } = performance.eventLoopUtilization();
  console.log(utilization >= 0 && utilization <= 1, soon(active), soon(idle), soon(performance.nodeTiming.loopStart));
  const code = 'const soon = (ms) => ms >= 0 && ms < 9000; console.log(soon(performance.now()), soon(process.uptime() * 1000), soon(Date.now() - performance.timeOrigin))';
  new Worker(code, { eval: true });
}, 20);
