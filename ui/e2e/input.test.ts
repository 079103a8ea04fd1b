/** What a program gets to read: code, input, arguments, files, zips; and what is too much. */

import assert from 'node:assert/strict';
import { zipSync } from 'fflate';
import { bytes, house, test } from './house.ts';
import { soon } from './soon.ts';

const home = house('input');

test('input and arguments reach the program', async () => {
  const visitor = await home.visit();
  await visitor.type('import sys\nprint(sys.stdin.read().upper(), sys.argv[1:])');
  await visitor.page.getByRole('button', { name: 'Input' }).click();
  await visitor.page.getByLabel('Standard input').fill('two\nlines');
  await visitor.page.getByRole('button', { name: 'Arguments' }).click();
  const args = visitor.page.getByLabel('Arguments, as you would');
  await args.fill('--name "Ada Lovelace');
  await soon.match(() => visitor.page.locator('#args-note').textContent(), /not closed/);
  await visitor.run();
  await visitor.ended('Not run');
  await args.fill('--name "Ada Lovelace" 42');
  await soon.deepEqual(
    () => visitor.page.locator('#args-note code').allTextContents(),
    ['--name', 'Ada Lovelace', '42'],
  );
  await visitor.run();
  await visitor.ended('Finished');
  await soon.equal(() => visitor.stdout(), "TWO\nLINES ['--name', 'Ada Lovelace', '42']\n");
  await visitor.check('input-and-arguments');
});

test('a zip dropped on the page shows what is in it, and the entry point can be picked', async () => {
  const visitor = await home.visit();
  const zip = zipSync({
    'main.py': bytes('from lib.util import hello\nprint(hello("main"))\n'),
    'other.py': bytes('import sys\nfrom lib.util import hello\nprint(hello("other"), sys.argv[1:])\n'),
    lib: { '__init__.py': bytes(''), 'util.py': bytes('def hello(who):\n    return f"hello from {who}"\n') },
    'data.csv': bytes('a,b\n1,2\n'),
  });
  await visitor.drop([{ name: 'project.zip', bytes: zip }]);
  const names = visitor.page.locator('#file-list .name, #zip .name');
  await names.first().waitFor();
  await soon.deepEqual(
    () => names.allTextContents(),
    ['project.zip', 'data.csv', 'lib/__init__.py', 'lib/util.py', 'main.py', 'other.py'],
  );
  await soon.match(
    () => visitor.page.locator('#instead').textContent(),
    /^project\.zip runs instead of the editor, starting with main\.py\.$/,
  );
  await visitor.run();
  await visitor.ended('Finished');
  await soon.equal(() => visitor.stdout(), 'hello from main\n');

  await visitor.page.getByLabel('Start with').selectOption('other.py');
  await visitor.page.getByRole('button', { name: 'Arguments' }).click();
  await visitor.page.getByLabel('Arguments, as you would').fill("'[1]'");
  await visitor.page.locator('#source-bar').click();
  await visitor.run();
  await visitor.page.locator('.stretch').filter({ hasText: 'from other' }).waitFor();
  await visitor.ended('Finished');
  await soon.equal(() => visitor.stdout(), "hello from other ['[1]']\n");
  await visitor.check('project');

  await visitor.drop([{ name: 'broken.zip', bytes: bytes('PK\x03\x04 no') }]);
  await visitor.page.locator('#files-note').getByText('broken.zip: This zip file is broken').waitFor();
  await visitor.check('project-broken');
  await visitor.page.getByRole('button', { name: 'Remove all files' }).click();
  await soon.ok(() => visitor.page.locator('#instead').isHidden());
});

test('a zip that climbs out of its folder is refused in the words of the server', async () => {
  const visitor = await home.visit();
  await visitor.drop([
    { name: 'evil.zip', bytes: zipSync({ 'main.py': bytes('1'), '../../etc/x.py': bytes('1') }) },
  ]);
  await visitor.page.locator('#zip .name').first().waitFor();
  await visitor.run();
  await visitor.ended('Not run');
  await soon.match(() => visitor.hint.textContent(), /leaves the project/);
  await visitor.check('refused');
});

test('files beside the code in the editor are there for it', async () => {
  const visitor = await home.visit();
  await visitor.type('import helper\nprint(helper.ANSWER, open("data.bin", "rb").read())');
  await visitor.drop([
    { name: 'helper.py', bytes: bytes('ANSWER = 42\n') },
    { name: 'data.bin', bytes: new Uint8Array([0, 255, 10]) },
  ]);
  await visitor.page.getByRole('button', { name: 'Remove data.bin' }).waitFor();
  await visitor.run();
  await visitor.ended('Finished');
  await soon.equal(() => visitor.stdout(), "42 b'\\x00\\xff\\n'\n");
  await visitor.check('files-beside');
});

test('files are chosen as well as dropped, have tabs of their own, and are edited there', async () => {
  const visitor = await home.visit();
  const choosing = visitor.page.waitForEvent('filechooser');
  await visitor.page.getByRole('button', { name: 'Add files' }).click();
  const files = [
    { name: 'main.py', mimeType: 'text/x-python', buffer: Buffer.from('import b\nprint("main", b.B)\n') },
    { name: 'b.py', mimeType: 'text/x-python', buffer: Buffer.from('B = "b"\n') },
  ];
  await (await choosing).setFiles(files);
  await visitor.page.getByRole('button', { name: 'main.py (is started)' }).waitFor();
  await soon.equal(() => visitor.page.getByLabel('Start with').inputValue(), 'main.py');
  await soon.equal(() => visitor.code(), 'import b\nprint("main", b.B)\n');
  await visitor.run();
  await visitor.ended('Finished');
  await soon.equal(() => visitor.stdout(), 'main b\n');
  await visitor.check('files-chosen');

  await visitor.runs('import b\nprint("edited", b.B)', 'Finished');
  await soon.equal(() => visitor.stdout(), 'edited b\n');
  await visitor.page.getByRole('button', { name: 'b.py', exact: true }).click();
  await visitor.runs('B = "also"', 'Finished');
  await soon.equal(() => visitor.stdout(), 'edited also\n');
  await visitor.page.getByRole('button', { name: 'Remove b.py' }).click();
  await visitor.page.getByRole('button', { name: 'Undo' }).click();
  await visitor.page.getByRole('button', { name: 'b.py', exact: true }).click();
  await soon.equal(() => visitor.code(), 'B = "also"', 'what was removed is back as it was');
});

test('5001 characters are felt before they are sent, and refused by the server too', async () => {
  const visitor = await home.visit();
  const count = visitor.page.locator('#count');
  const code = `# ${'😀'.repeat(4989)}\nprint(1)`;
  await visitor.type(code);
  await soon.equal(() => count.textContent(), '5,000 / 5,000');
  await visitor.run();
  await visitor.ended('Finished');
  await soon.equal(() => visitor.stdout(), '1\n', '5000 characters run, however many bytes they are');

  let asked = 0;
  visitor.page.on('request', (request) => {
    if (request.url().endsWith('/run')) asked++;
  });
  await visitor.type(`${code}#`);
  await soon.equal(() => count.textContent(), '1 over 5,000 characters');
  await visitor.run();
  await visitor.ended('Not run');
  const sentence = 'Code too long. Maximum allowed length is 5000 characters.';
  await soon.equal(() => visitor.hint.textContent(), sentence);
  assert.equal(asked, 0);
  await visitor.check('too-long');
  const body = JSON.stringify({ code: `${code}#` });
  const answer = await fetch(`${home.server.origin}/run`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  assert.equal(answer.status, 400);
  assert.equal(((await answer.json()) as { error: string }).error, sentence);
});

test('Clear empties code, input and output, and can be undone', async () => {
  const visitor = await home.visit();
  await visitor.runs('print("x")', 'Finished');
  await visitor.page.getByRole('button', { name: 'Clear' }).click();
  await visitor.ended('Ready');
  assert.equal(await visitor.code(), '');
  assert.equal(new URL(visitor.page.url()).hash, '');
  await visitor.check('cleared');
  await visitor.page.getByRole('button', { name: 'Undo' }).click();
  await soon.equal(() => visitor.code(), 'print("x")');
  await soon.equal(() => visitor.stdout(), 'x\n', 'the output too');
  await visitor.page.getByRole('button', { name: 'Clear' }).click();
  await visitor.run();
  await visitor.ended('Not run');
  await soon.equal(() => visitor.hint.textContent(), 'There is no code to run.');
  assert.equal(await visitor.page.getByRole('button', { name: 'Undo' }).count(), 0, 'one has gone on');
});
