// Does once what nearly every program's first line of output does, so that Node has loaded and compiled its own code for
// that: it halves what a short program costs after its release. Nothing here is connected to anything: the real
// `process.stdout` and `process.stderr` come to be when the program asks for them.
'use strict';
require('net');
require('tty');
const { Console } = require('console');
const { Writable } = require('stream');
const stdout = new Writable({ write: (chunk, encoding, done) => done() });
// No colours: whether there are any is asked of the real `process.stderr`, and that would come to be by asking.
new Console({ stdout, colorMode: false }).log('%s', 'text', 4, { list: [1, 2.5, null] });
// An empty ES module, for those that are written as such.
import('data:text/javascript,').catch(() => {});
