// Waits for the program, and lets Node go on with it.
'use strict';
const fs = require('fs');
const path = require('path');
const Module = require('module');
// What an ES module has at least one of.
const WORDS = /\b(?:import|export|await)\b/;
let control;

function isModule(file) {
  if (!file.endsWith('.js')) return false;
  let source;
  try {
    source = fs.readFileSync(file, 'utf8');
  } catch {
    return false;
  }
  // Loaded for those alone that may be modules: it takes Node some time.
  return WORDS.test(source) && require('./esm.js')(file, source);
}

// In the main thread, as the first thing: what is of no concern to the program is gone, and the program's folder is the
// current one.
exports.enter = () => {
  control = Number(process.env.SCE_CONTROL);
  delete process.env.SCE_CONTROL;
  delete process.env.NODE_OPTIONS;
  process.chdir('/sandbox');
};

// Tells init that Node waits, and comes back when the program is there: with its name and its arguments.
exports.wait = () => {
  const chunk = Buffer.alloc(65536);
  fs.writeSync(control, '+');
  let message = Buffer.alloc(0);
  for (let count; (count = fs.readSync(control, chunk)) > 0;) {
    message = Buffer.concat([message, chunk.subarray(0, count)]);
  }
  if (message.length === 0) process.reallyExit(0);
  return message.toString().split('\0');
};

// So that what it takes is loaded and compiled beforehand: looks at this file as if it were the program.
exports.rehearse = () => isModule(__filename);

// Gives Node the program. What Node does after the modules that are required beforehand is to run it. Nobody may say
// `require('module')` after this: Node then reads every property of that module, and so sets off what waits for its start.
exports.release = ([entry, ...args]) => {
  if (isModule(path.resolve(entry))) {
    const module = entry.replace(/js$/, 'mjs');
    // Only init can give a file another name. It closes the channel when it has done what it could.
    const cell = new Int32Array(new SharedArrayBuffer(4));
    try {
      for (;;) {
        fs.writeSync(control, 'm');
        Atomics.wait(cell, 0, 0, 1);
      }
    } catch {
      if (fs.existsSync(module)) entry = module;
    }
  }
  fs.closeSync(control);
  process.argv.splice(1, process.argv.length, path.resolve(entry), ...args);
  // Node has read the program's name by now. It lets `runMain` be replaced; this gives the real one, with the
  // name bound to it, so that no frame of ours is in any stack.
  const { runMain } = Module;
  Object.defineProperty(Module, 'runMain', {
    configurable: true,
    get() {
      Object.defineProperty(Module, 'runMain', { configurable: true, enumerable: true, writable: true, value: runMain });
      return runMain.bind(Module, process.argv[1]);
    },
  });
};

// Makes Node look as if no module had been required before the program's first; `loaded` is how many of its own Node had
// loaded before. In every thread.
exports.leaveNoTrace = (loaded) => {
  for (const known of [require.cache, Module._pathCache]) {
    for (const name of Object.keys(known)) delete known[name];
  }
  process._preload_modules.length = 0;
  process.moduleLoadList.length = loaded;
};
