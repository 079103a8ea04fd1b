/** Answers that no program of these tests can bring about: files that were left, a compiler's words, and much output. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Visitor } from './browser.ts';
import { house, test } from './house.ts';
import { soon } from './soon.ts';
import { longestTasks } from './tasks.ts';

const home = house('answers');

const ANSWER = {
  ...{ id: '01a21b3f-f045-71f3-a180-2912d894ff54', language: 'python', output: '', error: '', exit_code: 0 },
  ...{ status: 'completed', truncated: { output: false, error: false } },
};

/** Somebody whose runs are answered so. */
async function answered(answer: Record<string, unknown>, hold?: Promise<void>): Promise<Visitor> {
  const visitor = await home.visit();
  await visitor.page.route('**/run', async (route) => {
    await hold;
    await route.fulfill({ json: { ...ANSWER, ...answer } });
  });
  // With input given, all of it goes in one request.
  await visitor.page.locator('[aria-controls="tray-input"]').click();
  await visitor.page.getByLabel('Standard input').fill('x');
  await visitor.type('print(1)');
  await visitor.run();
  return visitor;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

test('pictures are pictures, tables are tables, and nothing that a program left is read as a page', async () => {
  const evil =
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="alert(1)"><script>alert(2)</script></svg>';
  const visitor = await answered({
    output: 'done\n',
    files: [
      { name: 'plot.png', size: 70, media_type: 'image/png', content: PNG },
      { name: 'evil.svg', size: evil.length, media_type: 'image/svg+xml', content: base64(evil) },
      { name: 'page.png', size: 9, media_type: 'image/png', content: base64('<h1>no</h1>') },
      {
        name: 'out/p\u202eage.html',
        size: 30,
        media_type: 'text/html',
        content: base64('<script>alert(3)</script>'),
      },
      { name: 'table.csv', size: 20, media_type: 'text/csv', content: base64('a,b\n1,"<b>2</b>"\n') },
    ],
    files_omitted: [{ name: 'big.bin', size: 9_000_000, why: 'it is too large' }],
  });
  const { page } = visitor;
  await page.getByRole('tab', { name: 'Files 6' }).waitFor();
  await soon.equal(() => visitor.stdout(), 'done\n', 'an answer that did not come as events is shown too');
  await soon.deepEqual(
    () => page.locator('#console img').evaluateAll((all) => all.map((one) => one.getAttribute('alt'))),
    ['plot.png, 70 bytes', `evil.svg, ${evil.length} bytes`],
  );
  await page.getByRole('tab', { name: 'Files 6' }).click();
  await visitor.check('files');
  assert.equal(await page.locator('#files-result :is(script, h1, iframe, object, svg)').count(), 0);
  await soon.deepEqual(() => page.locator('.sheet td').allTextContents(), ['1', '<b>2</b>']);
  await page.getByText('Not brought back: it is too large').waitFor();
  await page.getByRole('button', { name: 'Download out/p‹RLO›age.html' }).waitFor();
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download plot.png' }).click();
  assert.deepEqual(readFileSync(await (await saving).path()), Buffer.from(PNG, 'base64'));
  const zip = page.waitForEvent('download');
  await page.getByRole('button', { name: 'All as zip' }).click();
  assert.match((await zip).suggestedFilename(), /\.zip$/);
  await page.getByRole('button', { name: 'Show plot.png, 70 bytes in full' }).first().click();
  await page.getByRole('dialog', { name: 'Picture' }).waitFor();
  await visitor.check('picture');
});

test('a compiler speaks in a section of its own, and its faults lead to their lines', async () => {
  const words = 'main.py:1:7: error: expected ) \x1b[31mhere\x1b[0m\u202e\n';
  const visitor = await answered({
    ...{ status: 'compile_error', exit_code: 1, error: words },
    compile: { status: 'nonzero_exit', exit_code: 1, output: '', error: words },
    diagnostics: [
      { file: 'main.py', line: 1, column: 7, severity: 'error', message: 'expected )', phase: 'compile' },
    ],
  });
  await visitor.ended('It does not compile');
  const compiler = visitor.page.locator('.compiler');
  await soon.equal(() => compiler.locator('summary').textContent(), 'Compiler');
  await soon.equal(
    () => compiler.locator('.stretch').textContent(),
    'main.py:1:7: error: expected ) here‹RLO›\n',
  );
  assert.equal(await visitor.page.locator('.stretch[data-stream="stderr"]').count(), 0, 'once, not twice');
  await soon.equal(() => visitor.said.textContent(), 'main.py, line 1 expected )');
  await soon.equal(() => visitor.page.locator('.cm-fault').textContent(), '1)');
  await visitor.check('compile-error');
});

test('a megabyte of colours is put on the page in small steps', async () => {
  let release = () => {};
  const held = new Promise<void>((done) => {
    release = done;
  });
  const line =
    '\x1b[32mgreen\x1b[0m and \x1b[1;31mred\x1b[0m and plain, and some more of it to the end of this line';
  const lines = Math.floor((1024 * 1024) / (line.length + 1));
  const visitor = await answered({ output: `${line}\n`.repeat(lines) }, held);
  const { page } = visitor;
  const [longest = 0] = await longestTasks(page, async () => {
    release();
    await visitor.ended('Finished');
    await page.waitForFunction((n) => document.querySelectorAll('#console .lines').length >= n, lines / 50);
    await page.waitForFunction(() => document.querySelector('#console [aria-busy]') === null);
  });
  assert.ok(longest <= 50, `the page was busy for ${longest} ms at once`);
  const nodes = await page.locator('#console *').count();
  assert.ok(nodes < 40_000, `${nodes} nodes`);
});

test('a picture that a program draws is shown, where it may write', async () => {
  const visitor = await home.visit();
  const { page } = visitor;
  await page.locator('[aria-controls="tray-limits"]').click();
  await page.getByLabel('It may write files beside itself').check();
  const code = `import base64\nopen("plot.png", "wb").write(base64.b64decode("${PNG}"))\nprint("drawn")`;
  await visitor.runs(code, 'Finished');
  await soon.equal(() => visitor.stdout(), 'drawn\n');
  await page.locator('#console img[alt^="plot.png"]').waitFor();
  const drawn = await page.locator('#console img').evaluate((one) => (one as HTMLImageElement).naturalWidth);
  assert.equal(drawn, 1);
  await visitor.check('drawn');
});
