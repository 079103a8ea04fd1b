/** Nothing is lost: what is replaced comes back by one step, each tab keeps its own, and the page says what it cannot keep. */

import assert from 'node:assert/strict';
import { zipSync } from 'fflate';
import type { Visitor } from './browser.ts';
import { bytes, house, test } from './house.ts';
import { soon } from './soon.ts';

const home = house('kept', { SCE_TIMEOUT_SECONDS: '600' });

/** All that the left-hand side holds besides the code. */
async function beside({ page }: Visitor): Promise<unknown[]> {
  return [
    await page.locator('#stdin').inputValue(),
    await page.locator('#args').inputValue(),
    await page.locator('#limit-memory').inputValue(),
    await page.locator('#collect').isChecked(),
    await page
      .locator('#test-list textarea')
      .evaluateAll((all) => all.map((one) => (one as HTMLTextAreaElement).value)),
  ];
}

async function fill({ page }: Visitor): Promise<void> {
  await page.locator('[aria-controls="tray-input"]').click();
  await page.getByLabel('Standard input').fill('typed');
  await page.locator('[aria-controls="tray-limits"]').click();
  await page.getByLabel('Memory, in MB').fill('64');
  await page.getByLabel('It may write files beside itself').check();
  await page.locator('[aria-controls="tray-tests"]').click();
  await page.getByRole('button', { name: 'Add a test' }).click();
  await page.getByLabel('Input of test 1').fill('1');
  await page.getByLabel('Expected output of test 1').fill('2');
}

const FULL = ['typed', '', '64', true, ['1', '2']];
const BARE = ['', '', '', false, []];

test('limits and tests come back too, also where no code was written', async () => {
  const visitor = await home.visit();
  const { page } = visitor;
  await fill(visitor);
  await soon.deepEqual(() => beside(visitor), FULL);
  await page.getByRole('button', { name: 'Clear' }).click();
  await soon.deepEqual(() => beside(visitor), BARE);
  await page.getByRole('button', { name: 'Undo' }).click();
  await soon.deepEqual(() => beside(visitor), FULL, 'after Clear');

  await visitor.example('Colours');
  assert.notDeepEqual(await beside(visitor), FULL);
  await page.getByRole('button', { name: 'Undo' }).click();
  await soon.deepEqual(() => beside(visitor), FULL, 'after an example in the place of an example');

  await page.getByRole('button', { name: 'Remove test 1' }).click();
  assert.deepEqual((await beside(visitor)).at(-1), []);
  await page.getByRole('button', { name: 'Undo' }).click();
  await soon.deepEqual(() => beside(visitor), FULL, 'after a test was removed');

  await visitor.type('');
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await soon.deepEqual(() => beside(visitor), FULL, 'without any code');
});

test('files that others take the place of come back', async () => {
  const visitor = await home.visit();
  const { page } = visitor;
  const names = () => page.locator('#file-list .name').allTextContents();
  await visitor.drop([{ name: 'note.txt', bytes: bytes('first') }]);
  await page.getByRole('button', { name: 'Remove note.txt' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Undo' }).count(), 0, 'nothing was replaced');
  await visitor.drop([{ name: 'note.txt', bytes: bytes('second') }]);
  await page.locator('.toast').filter({ hasText: 'Another note.txt is in its place.' }).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'note.txt', exact: true }).click();
  await soon.equal(() => visitor.code(), 'first');

  await visitor.drop([{ name: 'all.zip', bytes: zipSync({ 'main.py': bytes('print("zip")') }) }]);
  await page.locator('#zip .name').first().waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await soon.deepEqual(() => names(), ['main.py', 'note.txt']);
});

test('files that are too large to be kept are missed aloud after a reload', async () => {
  const visitor = await home.visit();
  const { page } = visitor;
  await visitor.drop([{ name: 'large.bin', bytes: new Uint8Array(2.2 * 1024 * 1024) }]);
  await page.getByRole('button', { name: 'Remove large.bin' }).waitFor();
  await page.waitForTimeout(500); // the draft is kept a moment after it changed
  await page.reload();
  await page.locator('.toast').filter({ hasText: 'The files of this program are gone' }).waitFor();
});

test('two tabs have a draft each, and a new one begins with the newest', async () => {
  const first = await home.visit();
  await first.type('print("first tab")');
  await first.page.waitForTimeout(500);
  const open = async () => {
    const page = await first.page.context().newPage();
    await page.goto(`${home.server.origin}/ui`);
    await page.locator('.cm-content').waitFor();
    return page;
  };
  const second = await open();
  const text = (page: typeof second) =>
    page
      .locator('.cm-line')
      .allTextContents()
      .then((lines) => lines.join('\n'));
  await soon.equal(() => text(second), 'print("first tab")');
  await second.locator('.cm-content').focus();
  await second.keyboard.press('ControlOrMeta+a');
  await second.keyboard.insertText('print("second tab")');
  await second.waitForTimeout(500);
  await first.page.reload();
  await first.loaded();
  assert.equal(await first.code(), 'print("first tab")', 'the other has not written over it');
  await second.close();
  assert.match(await text(await open()), /print\("(first|second) tab"\)/);
});

test('a run that was lost with the server is said to be lost, not to go on', async () => {
  const author = await home.visit();
  await author.type('print("begun", flush=True)\ninput()');
  await author.run();
  await author.ended('Running');
  await home.server.runs(1);
  const reader = await home.visit();
  await reader.page.locator('#runs-button').click();
  await reader.page.getByRole('button', { name: /that this server has/ }).click();
  await reader.page.locator('.runs .open').filter({ hasText: 'Running' }).click();
  await reader.ended('Still running');
  await home.server.stop();
  await home.server.start();
  await reader.ended(/^(Lost|Stopped by you|No such execution)$/);
  assert.equal(await reader.page.locator('#verdict[data-spin]').count(), 0);
  assert.equal(
    await reader.page.locator('.stretch[data-stream="stderr"]').count(),
    0,
    'not the program’s words',
  );
});

test('the program is taken along, and what is copied is what is read', async () => {
  const visitor = await home.visit();
  const { page } = visitor;
  await visitor.runs('print("\\x1b[31mred\\x1b[0m\\x07\\u202e", end="")', 'Finished');
  await page.getByRole('button', { name: 'Copy output' }).click();
  await visitor.told('Output copied.');
  await soon.equal(() => visitor.clipboard(), 'red‹BEL›‹RLO›');
  await page.locator('.cm-content').focus();
  const saving = page.waitForEvent('download');
  await page.keyboard.press('ControlOrMeta+s');
  await page.getByRole('button', { name: 'Download main.py' }).click();
  assert.equal((await saving).suggestedFilename(), 'main.py');
});

test('a file of another language offers to turn to it', async () => {
  const visitor = await home.visit();
  await visitor.drop([{ name: 'main.js', bytes: bytes('console.log("from the file")') }]);
  await visitor.page.getByRole('button', { name: 'Switch to JavaScript' }).click();
  await visitor.page.locator('#language-name').filter({ hasText: 'JavaScript' }).waitFor();
  await visitor.page.getByLabel('Start with').selectOption('main.js');
  await visitor.run();
  await visitor.ended('Finished');
  await soon.equal(() => visitor.stdout(), 'from the file\n');
});
