import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strFromU8, unzipSync, zipSync } from 'fflate';
import { type Language, MAX_BODY_BYTES, MAX_FILES, MAX_ZIP_BYTES } from '../src/contract.ts';
import * as projects from '../src/logic/project.ts';
import { restored, take } from '../src/logic/take.ts';

const python: Language = {
  name: 'python',
  title: 'Python',
  aliases: [],
  version: '3.11',
  available: true,
  compiled: false,
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

type Added = Parameters<typeof take>[1];

async function taken(added: Added, before: projects.Project = projects.NO_FILES): Promise<projects.Project> {
  const result = await take(before, added, python);
  assert.ok('project' in result, JSON.stringify(result));
  return result.project;
}

async function refusal(added: Added): Promise<string> {
  const result = await take(projects.NO_FILES, added, python);
  assert.ok('error' in result);
  return result.error;
}

test('files lie beside the code of the editor, unless one is called as programs are', async () => {
  const beside = await taken([file('b.txt'), file('a.txt')]);
  assert.deepEqual(projects.names(beside), ['a.txt', 'b.txt']);
  assert.equal(projects.instead(beside), undefined);
  const { kind, ...rest } = projects.toProgram(beside, 'code');
  assert.equal(kind, 'files');
  assert.deepEqual(Object.keys(rest), ['code', 'files']);

  const started = await taken([file('main.py')], beside);
  assert.equal(projects.instead(started), 'main.py runs instead of the editor.');
  assert.ok(!('code' in projects.toProgram(started, 'code')));
  assert.deepEqual(projects.toProgram(projects.NO_FILES, 'code'), { kind: 'code', code: 'code' });
});

test('a file of the same name takes the place of the other, and the editor that of a removed one', async () => {
  const once = await taken([file('main.py', 'old')]);
  const twice = await taken([file('main.py', 'new')], once);
  assert.deepEqual(twice, { kind: 'files', files: [file('main.py', 'new')], entry: 'main.py' });
  assert.deepEqual(projects.without(twice, 'main.py'), projects.NO_FILES);
});

test('a zip starts with what the language starts with, and says when somebody must choose', async () => {
  const all = await taken([zip('main.py', 'other.py', 'main.js')]);
  assert.equal(projects.instead(all), 'all.zip runs instead of the editor, starting with main.py.');
  assert.equal(projects.turnedTo(all, javascript).entry, 'main.js');
  const data = await taken([zip('data.txt', 'more.txt')]);
  assert.match(projects.faultOf(data) ?? '', /^Choose which file of the zip is run/);
  assert.equal(projects.faultOf(all), undefined);
});

test('files after a zip take its place, and what it started with is gone with it', async () => {
  const after = await taken([file('data.txt')], await taken([zip('main.py')]));
  assert.deepEqual(after, { kind: 'files', files: [file('data.txt')], entry: projects.EDITOR });
});

test('an earlier run brings back what it was started with', async () => {
  for (const added of [[file('main.py'), file('a.txt')], [zip('main.py', 'b.py')], [file('a.txt')]]) {
    const { likely: _, ...project } = (await taken(added)) as projects.Project & { likely?: string[] };
    assert.deepEqual(await restored(projects.toProgram(project, 'code')), project);
  }
  assert.deepEqual(await restored({ kind: 'code', code: '1' }), projects.NO_FILES);
});

test('what the server would refuse is refused before it is sent', async () => {
  assert.match(await refusal([zip('main.py'), file('a.txt')]), /drop it alone/);
  assert.match(await refusal([file('broken.zip')]), /^broken\.zip: This zip file is broken/);
  const heavy = { name: 'heavy.zip', bytes: new Uint8Array(MAX_ZIP_BYTES + 1) };
  assert.match(await refusal([heavy]), /^heavy\.zip is too large/);
  const many = Array.from({ length: MAX_FILES + 1 }, (_, n) => file(`${n}.txt`));
  assert.equal(await refusal(many), 'These are 201 files; 200 are the most.');
  assert.match(
    await refusal([{ name: 'a.bin', bytes: new Uint8Array(MAX_BODY_BYTES) }]),
    /too large to send/,
  );
});

test('text is offered to the editor, and nothing else is', () => {
  assert.equal(projects.editableText(file('a.txt', 'x = 1')), 'x = 1');
  assert.equal(projects.editableText({ name: 'a.py', bytes: new Uint8Array([0xff]) }), undefined);
  assert.equal(projects.editableText({ name: 'a.py', bytes: new Uint8Array(1024 * 1024) }), undefined);
});

const packed = (files: Record<string, string>, level: 0 | 6 = 6) => {
  const entries = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, bytes(text)]));
  return { name: 'pupil.zip', bytes: zipSync(entries, { level }) as Uint8Array<ArrayBuffer> };
};

test('which of several files is started is never guessed, only hinted at', async () => {
  const pupil = {
    'pupil/solution.py': 'import helper\nprint(helper.f(3))',
    'pupil/helper.py': 'def f(n): return n',
    'pupil/data.txt': '3',
  };
  const project = await taken([packed(pupil)]);
  assert.equal(project.entry, projects.EDITOR);
  assert.match(projects.faultOf(project) ?? '', /^Choose which file/);
  assert.deepEqual(project.kind === 'zip' && project.likely, ['solution.py']);
  assert.deepEqual(projects.names(project), ['data.txt', 'helper.py', 'solution.py']);
  const chosen = projects.turnedTo({ ...project, entry: 'solution.py' }, python);
  assert.equal(chosen.entry, 'solution.py', 'what was chosen stays chosen');
  assert.equal((await taken([packed({ 'a/only.py': '1', 'a/x.txt': '' })])).entry, 'only.py');
});

test('a zip of one folder loses the folder and what systems put beside it, and nothing else', async () => {
  const files = {
    'dir/main.py': 'print(1)',
    'dir/sub/x.txt': 'ü'.repeat(999),
    '__MACOSX/dir/._main.py': 'x',
    'dir/.DS_Store': 'x',
  };
  for (const level of [0, 6] as const) {
    const project = await taken([packed(files, level)]);
    assert.deepEqual(projects.names(project), ['main.py', 'sub/x.txt']);
    assert.ok(project.kind === 'zip');
    assert.equal(project.folder, 'dir');
    const inside = unzipSync(project.bytes);
    assert.deepEqual(Object.keys(inside).sort(), ['main.py', 'sub/x.txt']);
    assert.equal(strFromU8(inside['sub/x.txt'] ?? new Uint8Array()), files['dir/sub/x.txt']);
  }
  for (const names of [
    ['main.py', 'dir/x.py'],
    ['dir/main.py', '../etc/x.py'],
    ['dir/../main.py', 'dir/x'],
    ['/dir/main.py'],
  ]) {
    const odd = packed(Object.fromEntries(names.map((name) => [name, '1'])));
    const project = await taken([odd]);
    assert.ok(project.kind === 'zip' && project.folder === undefined, names.join());
    assert.deepEqual(project.bytes, odd.bytes, 'the server sees it as it came');
  }
});

test('files of another language are known to be so', () => {
  const all = [python, javascript];
  assert.equal(projects.otherLanguage(['main.js', 'a.txt'], python, all)?.name, 'javascript');
  assert.equal(projects.otherLanguage(['main.js', 'a.py'], python, all), undefined);
  assert.equal(projects.otherLanguage(['a.txt'], python, all), undefined);
});
