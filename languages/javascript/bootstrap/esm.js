// Whether a program that is named `.js` is an ES module, as newer versions of Node find out: no package.json says what the
// program is, it cannot be compiled as a CommonJS module, and that for something that only an ES module may have. Nothing
// is run.
'use strict';
const fs = require('fs');
const path = require('path');
const vm = require('vm');
const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname'];
const REASONS = [
  'Cannot use import statement outside a module',
  "Unexpected token 'export'",
  "Cannot use 'import.meta' outside a module",
];

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function hasType(file) {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const text = read(path.join(folder, 'package.json'));
    if (text !== undefined) {
      try {
        return JSON.parse(text).type !== undefined;
      } catch {
        return true;
      }
    }
    if (folder === path.dirname(folder)) return false;
  }
}

function refused(source, parameters) {
  try {
    vm.compileFunction(source, parameters);
    return undefined;
  } catch (error) {
    return error.message;
  }
}

// The text is the file's.
module.exports = (file, source) => {
  if (hasType(file)) return false;
  const text = source.replace(/^\uFEFF/, '').replace(/^#!.*/, '');
  const reason = refused(text, PARAMETERS);
  if (reason === undefined) return false;
  // At the top `await` is refused in many words. What an async function may say is refused for that alone.
  return REASONS.some((start) => reason.startsWith(start)) || refused(`async () => {${text}\n}`, []) === undefined;
};
