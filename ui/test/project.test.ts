import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zipSync } from 'fflate';
import { type Language, MAX_BODY_BYTES, MAX_CODE_CHARS, MAX_FILES, MAX_ZIP_BYTES } from '../src/contract.ts';
import * as projects from '../src/logic/project.ts';

const python: Language = {
  name: 'python',
  title: 'Python',
  aliases: [],
  version: '3.11',
  entryPoints: ['main.py', 'app.py'],
  extensions: ['py'],
  example: '',
};
const javascript: Language = { ...python, name: 'javascript', entryPoints: ['main.js'], extensions: ['js'] };

const bytes = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
const file = (name: string, text = '1') => ({ name, bytes: bytes(text) });
const zip = (...names: string[]) => ({
  name: 'all.zip',
  bytes: zipSync(Object.fromEntries(names.map((name) => [name, bytes('1')]))) as Uint8Array<ArrayBuffer>,
});

type Added = Parameters<typeof projects.take>[1];

function taken(added: Added, before: projects.Project = projects.NO_FILES): projects.Project {
  const result = projects.take(before, added, python);
  assert.ok('project' in result, JSON.stringify(result));
  return result.project;
}

function refusal(added: Added): string {
  const result = projects.take(projects.NO_FILES, added, python);
  assert.ok('error' in result);
  return result.error;
}

test('files lie beside the code of the editor, unless one is called as programs are', () => {
  const beside = taken([file('b.txt'), file('a.txt')]);
  assert.deepEqual(projects.names(beside), ['a.txt', 'b.txt']);
  assert.equal(projects.instead(beside), undefined);
  const { kind, ...rest } = projects.toProgram(beside, 'code');
  assert.equal(kind, 'files');
  assert.deepEqual(Object.keys(rest), ['code', 'files']);

  const started = taken([file('main.py')], beside);
  assert.equal(projects.instead(started), 'main.py runs instead of the editor.');
  assert.ok(!('code' in projects.toProgram(started, 'code')));
  assert.deepEqual(projects.toProgram(projects.NO_FILES, 'code'), { kind: 'code', code: 'code' });
});

test('a file of the same name takes the place of the other, and the editor that of a removed one', () => {
  const once = taken([file('main.py', 'old')]);
  const twice = taken([file('main.py', 'new')], once);
  assert.deepEqual(twice, { kind: 'files', files: [file('main.py', 'new')], entry: 'main.py' });
  assert.deepEqual(projects.without(twice, 'main.py'), projects.NO_FILES);
});

test('a zip starts with what the language starts with, and says when somebody must choose', () => {
  const all = taken([zip('main.py', 'other.py', 'main.js')]);
  assert.equal(projects.instead(all), 'all.zip runs instead of the editor, starting with main.py.');
  assert.equal(projects.turnedTo(all, javascript).entry, 'main.js');
  const data = taken([zip('data.txt', 'more.txt')]);
  assert.equal(projects.faultOf(data), 'Choose which file of the zip is run.');
  assert.equal(projects.faultOf(all), undefined);
});

test('files after a zip take its place, and what it started with is gone with it', () => {
  const after = taken([file('data.txt')], taken([zip('main.py')]));
  assert.deepEqual(after, { kind: 'files', files: [file('data.txt')], entry: projects.EDITOR });
});

test('an earlier run brings back what it was started with', () => {
  for (const added of [[file('main.py'), file('a.txt')], [zip('main.py', 'b.py')], [file('a.txt')]]) {
    const project = taken(added);
    assert.deepEqual(projects.restored(projects.toProgram(project, 'code')), project);
  }
  assert.deepEqual(projects.restored({ kind: 'code', code: '1' }), projects.NO_FILES);
});

test('what the server would refuse is refused before it is sent', () => {
  assert.match(refusal([zip('main.py'), file('a.txt')]), /drop it alone/);
  assert.match(refusal([file('broken.zip')]), /^broken\.zip: This zip file is broken/);
  const heavy = { name: 'heavy.zip', bytes: new Uint8Array(MAX_ZIP_BYTES + 1) };
  assert.match(refusal([heavy]), /^heavy\.zip is too large/);
  const many = Array.from({ length: MAX_FILES + 1 }, (_, n) => file(`${n}.txt`));
  assert.equal(refusal(many), 'These are 201 files; 200 are the most.');
  assert.match(refusal([{ name: 'a.bin', bytes: new Uint8Array(MAX_BODY_BYTES) }]), /too large to send/);
});

test('a source that fits is offered to the editor, and nothing else is', () => {
  const text = (name: string, content: string) => projects.editableText(file(name, content), python);
  assert.equal(text('a.PY', 'x = 1'), 'x = 1');
  assert.equal(text('a.txt', 'x = 1'), undefined);
  assert.equal(text('a.py', '🎲'.repeat(MAX_CODE_CHARS)), '🎲'.repeat(MAX_CODE_CHARS));
  assert.equal(text('a.py', 'x'.repeat(MAX_CODE_CHARS + 1)), undefined);
  assert.equal(projects.editableText({ name: 'a.py', bytes: new Uint8Array([0xff]) }, python), undefined);
});
