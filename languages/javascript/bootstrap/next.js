// Required beforehand in an interpreter that is started for a later step: the program comes as soon as Node can take it. So
// nothing is done that only pays while nobody waits, and the clocks are right as they are.
'use strict';
const loaded = process.moduleLoadList.length;
const { enter, wait, release, leaveNoTrace } = require('./release.js');
require('./names.js');
// A worker thread has no `chdir`. Asking `worker_threads` would take Node as long as all the rest of this together.
if (!process.chdir.disabled) {
  enter();
  release(wait());
}
leaveNoTrace(loaded);
