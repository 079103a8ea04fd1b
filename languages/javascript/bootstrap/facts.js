// What Node says of the process that is not true of a program that the process has waited for: how long the process has been
// running. A proxy passes on everything but the call: name, length, own properties and how the function is shown are the
// real function's.
'use strict';
const { isMainThread, getEnvironmentData, setEnvironmentData } = require('worker_threads');
const { apply, defineProperty, getOwnPropertyDescriptor } = Reflect;
// Under this name the workers find how long the process had waited. Nobody comes upon it: it cannot be listed.
const WAITED = 'sce.waited';
// Milliseconds. The clocks that count from the start of the process are behind by so much; a worker's are too.
let waited = isMainThread ? 0 : getEnvironmentData(WAITED);

function replace(object, name, call) {
  const property = getOwnPropertyDescriptor(object, name);
  const kind = property.get ? 'get' : 'value';
  property[kind] = new Proxy(property[kind], { apply: call });
  defineProperty(object, name, property);
}

const { performance } = globalThis;
const { nodeTiming } = performance;
const prototype = Object.getPrototypeOf(Object.getPrototypeOf(performance));
const now = performance.now.bind(performance);
const own = () => now() - waited;
const less = (real, self, args) => apply(real, self, args) - waited;
replace(process, 'uptime', (real, self, args) => apply(real, self, args) - waited / 1000);
replace(prototype, 'now', less);
replace(nodeTiming, 'duration', less);
replace(Event.prototype, 'timeStamp', less);
// What came before the wait keeps its distance from the beginning. Node itself reckons with when the loop began.
let inside = false;
for (const name of ['environment', 'bootstrapComplete', 'loopStart', 'loopExit']) {
  replace(nodeTiming, name, (real, self, args) => {
    const time = apply(real, self, args);
    return inside || time < waited ? time : time - waited;
  });
}
replace(prototype, 'eventLoopUtilization', (real, self, args) => {
  inside = true;
  try {
    return apply(real, self, args);
  } finally {
    inside = false;
  }
});
// Marks and measures take the time themselves unless they are told one.
replace(prototype, 'mark', (real, self, [name, options, ...rest]) => {
  const told = options === undefined ? {} : options;
  const untold = typeof told === 'object' && told !== null && (told.startTime === undefined || told.startTime === null);
  return apply(real, self, untold ? [name, { ...told, startTime: own() }, ...rest] : [name, options, ...rest]);
});
replace(prototype, 'measure', (real, self, [name, from, to, ...rest]) => {
  const options = typeof from === 'object' && from !== null;
  if (!options && to === undefined) return apply(real, self, [name, from, own(), ...rest]);
  if (options && from.end === undefined && from.duration === undefined && to === undefined) {
    return apply(real, self, [name, { ...from, end: own() }, to, ...rest]);
  }
  return apply(real, self, [name, from, to, ...rest]);
});

const origin = performance.timeOrigin;

// The program begins, after a wait of so many seconds and nanoseconds.
exports.start = ([seconds, nanoseconds]) => {
  waited = seconds * 1e3 + nanoseconds / 1e6;
  setEnvironmentData(WAITED, waited);
  defineProperty(prototype, 'timeOrigin', { value: origin + waited });
};
if (isMainThread) exports.start([0, 0]);
else defineProperty(prototype, 'timeOrigin', { value: origin + waited });
