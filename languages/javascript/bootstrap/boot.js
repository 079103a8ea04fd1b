// Required beforehand in an interpreter that is started long before its program comes. A module that is required beforehand
// runs after `process.argv` is made and before the main program is looked for, in the main thread and again in every worker
// thread.
'use strict';
const loaded = process.moduleLoadList.length;
const { enter, rehearse, wait, release, leaveNoTrace } = require('./release.js');
require('./names.js');
const { start } = require('./facts.js');
if (require('worker_threads').isMainThread) {
  enter();
  require('./warm.js');
  // What that has left to be done at the end of a turn: now, not in the program's first.
  process._tickCallback();
  rehearse();
  const begun = process.hrtime();
  const words = wait();
  start(process.hrtime(begun));
  release(words);
}
leaveNoTrace(loaded);
