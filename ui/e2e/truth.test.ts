/** The page tells the truth about what it shows: whose words they are, what they belong to, and that nothing is lost. */

import assert from 'node:assert/strict';
import { zipSync } from 'fflate';
import { bytes, house, test } from './house.ts';
import { soon } from './soon.ts';

/** Programs may run as long as the tests look at them. */
const home = house('truth', { SCE_TIMEOUT_SECONDS: '600' });

test('what a program says of its ending is quoted, and made safe, wherever it is told', async () => {
  const visitor = await home.visit();
  const code =
    'import sys # \u202e\nsys.stderr.write("\\x1b[31mFinished\\x1b[0m \\u202eabc\\n")\nsys.exit(2)';
  await visitor.runs(code, 'Ended with exit code 2');
  await soon.equal(() => visitor.said.textContent(), 'Finished ‹RLO›abc');
  assert.ok(await visitor.hint.isHidden(), 'nothing of it in the words of the page');
  await soon.equal(() => visitor.page.locator('#verdict-said q').count(), 1);
  const everywhere = await visitor.page.evaluate(() => [
    document.title,
    document.body.innerText,
    document.querySelector('#say')?.textContent ?? '',
  ]);
  for (const text of everywhere) assert.doesNotMatch(text, /[\x1b\u202e]/);
  await visitor.check('quoted');
  await visitor.openRuns();
  const line = visitor.page.locator('.runs .line-one').first();
  await line.filter({ hasText: 'import sys # ‹RLO›' }).waitFor();
  await visitor.closeRuns();
  const evil = 'e\u202etxt.py';
  await visitor.drop([{ name: evil, bytes: bytes('x = 1') }]);
  await visitor.page.getByRole('button', { name: 'Remove e‹RLO›txt.py' }).waitFor();
  assert.doesNotMatch(await visitor.page.locator('body').innerText(), /\u202e/);
});

test('a result beside code that did not make it says so, and the address lets go of it', async () => {
  const visitor = await home.visit();
  await visitor.runs('print("one")', 'Finished');
  const { hash } = new URL(visitor.page.url());
  assert.match(hash, /^#\/run\//);
  await visitor.page.locator('.cm-content').focus();
  await visitor.page.keyboard.press('ControlOrMeta+End');
  await visitor.page.keyboard.type('\n# more');
  const note = visitor.page.locator('#pairing');
  await note.filter({ hasText: 'Output of an earlier version.' }).waitFor();
  assert.equal(new URL(visitor.page.url()).hash, '');
  await visitor.check('stale');
  await visitor.page.keyboard.press('ControlOrMeta+z');
  await visitor.page.waitForFunction((hash) => location.hash === hash, hash);
  await soon.ok(() => note.isHidden(), 'undone, it belongs to it again');
  await visitor.page.locator('[aria-controls="tray-input"]').click();
  await visitor.page.getByLabel('Standard input').fill('5');
  await note.filter({ hasText: 'earlier version' }).waitFor();
});

test('a reload during the next run does not put the last result beside the new code', async () => {
  const visitor = await home.visit();
  await visitor.runs('print("old")', 'Finished');
  await visitor.type('import time\nprint("new", flush=True)\ntime.sleep(590)');
  await visitor.run();
  await visitor.ended('Running');
  await visitor.page.reload();
  await visitor.loaded();
  await soon.match(() => visitor.code(), /"new"/);
  assert.notEqual(await visitor.title.textContent(), 'Finished');
  await home.server.runs(0);
});

test('a zip is there again after a reload, beside its result', async () => {
  const visitor = await home.visit();
  const zip = zipSync({ 'main.py': bytes('print("from the zip")') });
  await visitor.drop([{ name: 'p.zip', bytes: zip }]);
  await visitor.page.locator('#zip .name').first().waitFor();
  await visitor.run();
  await visitor.ended('Finished');
  await visitor.page.waitForTimeout(500); // the draft is kept a moment after it changed
  await visitor.page.reload();
  await visitor.ended('Finished');
  await visitor.page.locator('#zip .name').filter({ hasText: 'main.py' }).waitFor();
  await soon.ok(() => visitor.page.locator('#pairing').isHidden());
  await visitor.run();
  await visitor.ended('Finished');
  await soon.equal(() => visitor.stdout(), 'from the zip\n');
});

test('a run of another tab is followed to its end', async () => {
  const other = await home.visit();
  await other.type('import time\nprint("far away", flush=True)\ninput()');
  await other.run();
  await other.ended('Running');
  await home.server.runs(1);
  const visitor = await home.visit();
  await visitor.page.locator('#runs-button').click();
  await visitor.page.getByRole('button', { name: /that this server has/ }).click();
  await visitor.page.locator('.runs .open').filter({ hasText: 'Running' }).click();
  await visitor.ended('Still running');
  assert.equal(await visitor.page.getByText('Nothing was written').count(), 0);
  await visitor.check('still-running');
  await other.page.locator('#typed').fill('go');
  await other.page.keyboard.press('Enter');
  await other.ended('Finished');
  await visitor.ended('Finished');
  await visitor.page.locator('.stretch').filter({ hasText: 'far away' }).waitFor();
});

test('which file of a zip starts is asked, not guessed; its folder is left away, so that it finds its data', async () => {
  const visitor = await home.visit();
  const zip = zipSync({
    'pupil/solution.py': bytes('import helper\nprint(helper.double(int(open("data.txt").read())))'),
    'pupil/helper.py': bytes('def double(n):\n    return 2 * n'),
    'pupil/data.txt': bytes('21'),
    '__MACOSX/pupil/._solution.py': bytes('x'),
  });
  await visitor.drop([{ name: 'pupil.zip', bytes: zip }]);
  await visitor.page.locator('#zip .name').first().waitFor();
  await soon.deepEqual(
    () => visitor.page.locator('#zip .name').allTextContents(),
    ['data.txt', 'helper.py', 'solution.py'],
  );
  await visitor.page.getByText('The files of the folder pupil').waitFor();
  await visitor.run();
  await visitor.ended('Not run');
  await soon.match(() => visitor.hint.textContent(), /^Choose which file of the zip is run/);
  await visitor.check('zip-asks');
  const options = await visitor.page.locator('#entry option').allTextContents();
  assert.deepEqual(options, ['choose…', 'helper.py', 'solution.py (no other file uses it)']);
  await visitor.page.getByLabel('Start with').selectOption('solution.py');
  await visitor.run();
  await visitor.ended('Finished');
  await soon.equal(() => visitor.stdout(), '42\n');
});

test('a child that the kernel killed for memory is not hidden behind a green word', async () => {
  const visitor = await home.visit();
  const code =
    'import os\nif os.fork() == 0:\n    x = bytearray(900 * 1024 * 1024)\nos.wait()\nprint("parent")';
  await visitor.runs(code, 'Finished, but the kernel killed 1 of its processes for memory');
  await soon.equal(() => visitor.page.locator('#verdict').getAttribute('data-tone'), 'warn');
  await visitor.check('oom-kill');
  await visitor.tries('Too much memory', 'Killed: used more than 128 MB');
  await soon.match(() => visitor.hint.textContent(), /memory limit of the sandbox\. The kernel's OOM killer/);
});

test('whatever is replaced comes back whole: code, input, arguments, files, tests, output', async () => {
  const visitor = await home.visit();
  const { page } = visitor;
  await visitor.type('print("mine", input())');
  await page.locator('[aria-controls="tray-input"]').click();
  await page.getByLabel('Standard input').fill('typed');
  await page.locator('[aria-controls="tray-args"]').click();
  await page.getByLabel('Arguments, as you would').fill('--a b');
  await visitor.drop([{ name: 'data.txt', bytes: bytes('d') }]);
  await page.getByRole('button', { name: 'Remove data.txt' }).waitFor();
  await page.getByRole('button', { name: /^main\.py/ }).click();
  await visitor.run();
  await visitor.ended('Finished');
  const whole = async () => [
    await visitor.code(),
    await page.locator('#stdin').inputValue(),
    await page.locator('#args').inputValue(),
    await page.locator('#file-list .name').allTextContents(),
  ];
  const before = await whole();
  assert.deepEqual(before, ['print("mine", input())', 'typed', '--a b', ['main.py', 'data.txt']]);

  await page.getByRole('button', { name: 'Clear' }).click();
  await visitor.ended('Ready');
  await page.keyboard.press('Escape'); // out of the editor, and the way back is still there
  await page.keyboard.press('F6');
  await page.keyboard.press('Enter');
  await soon.deepEqual(() => whole(), before);
  await soon.equal(() => visitor.stdout(), 'mine typed\n');

  await visitor.example('Colours');
  await page.keyboard.press('ControlOrMeta+z');
  await soon.deepEqual(() => whole(), before, 'by the key too');

  await page.getByRole('button', { name: 'Remove data.txt' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await soon.deepEqual(() => whole(), before);

  await visitor.language('JavaScript');
  await visitor.type('console.log("kept")');
  await visitor.language('Python');
  await page.waitForTimeout(500);
  await page.reload();
  await visitor.loaded();
  await page.locator('#file-list .name').first().waitFor();
  await page.getByRole('button', { name: /^main\.py/ }).click();
  await soon.deepEqual(() => whole(), before, 'after a reload');
  await visitor.language('JavaScript');
  await soon.equal(() => visitor.code(), 'console.log("kept")', 'of each language');
});

test('to open an earlier run stops none, and what stood there comes back', async () => {
  const visitor = await home.visit();
  const { page } = visitor;
  await visitor.runs('print("earlier")', 'Finished');
  await visitor.type('print("long", flush=True)\ninput()');
  await visitor.run();
  await visitor.ended('Running');
  await visitor.openRuns();
  await page.locator('.runs .open').filter({ hasText: 'earlier' }).first().click();
  await visitor.ended('Finished');
  await home.server.runs(1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await soon.equal(() => visitor.code(), 'print("long", flush=True)\ninput()');
  await page.goBack();
  await soon.equal(() => visitor.code(), 'print("long", flush=True)\ninput()', 'by the way back too');
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.locator('.toast').filter({ hasText: 'Your run has ended: Stopped by you.' }).waitFor();
  await home.server.runs(0);
});

test('runs of others are not listed as one’s own, and what a record does not have is said', async () => {
  const author = await home.visit();
  await author.page.locator('[aria-controls="tray-input"]').click();
  await author.page.getByLabel('Standard input').fill('secret');
  await author.runs('print("of the author", input())', 'Finished');
  const { hash } = new URL(author.page.url());
  const reader = await home.visit({ hash });
  await reader.ended('Finished');
  await soon.match(
    () => reader.page.locator('#pairing').textContent(),
    /input, arguments and further files were not kept/,
  );
  const stranger = await home.visit();
  await stranger.page.locator('#runs-button').click();
  await stranger.page.getByText('Your runs will be listed here').waitFor();
  assert.equal(await stranger.page.locator('.runs li').count(), 0);
  await stranger.page.getByRole('button', { name: /^Show \d+ more that this server has$/ }).click();
  await stranger.page.getByText('All runs that this server shows you: also those of others.').waitFor();
  await stranger.check('runs-of-others');
});

test('a link carries code, input, arguments and tests to another browser, and nothing to the server', async () => {
  const author = await home.visit();
  await author.type('import sys\nprint(int(input()) ** 2, sys.argv[1:])');
  await author.page.locator('[aria-controls="tray-input"]').click();
  await author.page.getByLabel('Standard input').fill('7');
  await author.page.locator('[aria-controls="tray-args"]').click();
  await author.page.getByLabel('Arguments, as you would').fill('x');
  await author.page.getByRole('button', { name: 'Share' }).click();
  await author.told('Link copied.');
  const link = await author.clipboard();
  assert.match(link, /\/ui#\/code\/[\w-]+$/);
  const reader = await home.visit({ hash: new URL(link).hash });
  await reader.page.locator('.toast').filter({ hasText: 'It has not been run.' }).waitFor();
  assert.equal(await reader.title.textContent(), 'Ready', 'nothing runs by itself');
  await reader.run();
  await reader.ended('Finished');
  await soon.equal(() => reader.stdout(), "49 ['x']\n");
});

test('a server’s own sentence is not shown as what the program wrote', async () => {
  const visitor = await home.visit();
  await visitor.type('import time\nprint("kept", flush=True)\ntime.sleep(590)');
  await visitor.run();
  await visitor.ended('Running');
  await visitor.page.locator('.stretch').filter({ hasText: 'kept' }).waitFor();
  await visitor.page.waitForTimeout(500); // not the second click of a double click
  await visitor.page.getByRole('button', { name: 'Stop', exact: true }).click();
  await visitor.ended('Stopped by you');
  await soon.equal(() => visitor.stdout(), 'kept\n', 'what it wrote until then stays');
  await visitor.newest('Stopped');
  await visitor.runs('print(1)', 'Finished');
  await visitor.openRuns();
  await visitor.page.locator('.runs .open').filter({ hasText: 'Stopped' }).click();
  await visitor.ended('Stopped by you');
  assert.equal(await visitor.page.locator('.stretch[data-stream="stderr"]').count(), 0);
});
