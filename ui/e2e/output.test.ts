/** What programs write: without end, as bytes, and as anything but the text that it is. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { house, test } from './house.ts';
import { soon } from './soon.ts';

/** Long enough for eight megabytes, however busy the machine. */
const home = house('output', { SCE_TIMEOUT_SECONDS: '600' });

test('a flood is stopped, and its two ends are shown with the true size and the gap', async () => {
  const visitor = await home.visit();
  await visitor.runs(
    'n = 0\nwhile True:\n    print(f"line {n:08}")\n    n += 1',
    'Stopped: wrote more than 8 MB',
  );
  const out = await visitor.stdout();
  assert.match(out, /^line 00000000\nline 00000001\n/);
  assert.match(out, /MB were not kept here/);
  await soon.match(
    () => visitor.page.locator('.cut span').textContent(),
    /^stdout: Cut: of 8(\.\d)? MB, the first 48 KB and the last 16 KB are shown\.$/,
  );
  const [, last] = /line (\d{8})\n[^\n]*$/.exec(out) ?? [];
  assert.ok(Number(last) > 400_000, `the end is there, not only the beginning: ${last}`);
  await visitor.check('output-limit');
  for (const language of ['Python', 'JavaScript']) {
    await visitor.language(language);
    await visitor.tries('Flood the output', 'Stopped: wrote more than 8 MB');
  }
});

test('output that tries to be more than text is shown as text', async () => {
  const visitor = await home.visit();
  await visitor.runs(
    [
      'import sys',
      'print("<script>alert(1)</script><img src=x onerror=alert(1)></pre><h1>big</h1>")',
      'print("abc\\u202edef \\x1b[2J\\x1b[Hx \\x07\\x00 \\x1b]0;owned\\x07")',
      'print("above\\nsafe\\rEVIL")',
      'print("\\x1b[30;40mhidden\\x1b[0m \\x1b[8mconcealed\\x1b[0m \\x1b[1;31mred\\x1b[0m z" + "\\u0301" * 80)',
      'sys.stdout.write("\\x1b[38;5;%dmx" * 600 % tuple(n % 256 for n in range(600)))',
    ].join('\n'),
    'Finished',
  );
  const out = await visitor.stdout();
  assert.ok(out.startsWith('<script>alert(1)</script><img src=x onerror=alert(1)></pre><h1>big</h1>\n'));
  assert.ok(out.includes('abc‹RLO›def ‹ESC›[2J‹ESC›[Hx ‹BEL›‹NUL› ‹ESC›]0;owned‹BEL›\n'));
  assert.ok(out.includes('above\nEVIL\n'), 'a line writes over itself alone');
  await soon.equal(() => visitor.page.locator('.rewritten').getAttribute('data-times'), '1');
  assert.ok(out.includes(`hidden concealed red z${'\u0301'.repeat(6)}‹74 more marks›\n`));
  assert.ok(out.endsWith('x'.repeat(600)));
  assert.equal(await visitor.page.locator('#console :is(script, img, h1)').count(), 0);
  await soon.equal(() => visitor.page.title(), 'Finished – Safe Code Executor');
  await soon.equal(() => visitor.page.locator('.stretch span.b').first().textContent(), 'red');
  await visitor.check('hostile');
  await visitor.page.getByRole('button', { name: 'Raw' }).click();
  await visitor.page.locator('.stretch').filter({ hasText: 'safe‹CR›EVIL' }).waitFor();
  await soon.match(() => visitor.stdout(), /‹ESC›\[1;31mred/);
});

test('code that tries the same tricks is shown as text in the editor and in the history', async () => {
  const visitor = await home.visit();
  const code = '"<img src=x onerror=alert(1)>\u202e\u2066"';
  await visitor.runs(code, 'Finished');
  await soon.equal(() => visitor.code(), '"<img src=x onerror=alert(1)>‹RLO›‹LRI›"');
  await visitor.openRuns();
  const row = visitor.page.locator('.runs li:first-child');
  await row.filter({ hasText: '"<img src=x onerror=alert(1)>‹RLO›‹LRI›"' }).waitFor();
  assert.equal(await visitor.page.locator('img[src]').count(), 0);
  await visitor.check('hostile-code');
});

test('a bomb of colours does not stop the page', async () => {
  const visitor = await home.visit();
  await visitor.runs(
    'for n in range(6000):\n    print(f"\\x1b[38;5;{n % 256};48;5;{n % 99};1;4m{n}", end="\\x1b[H")',
    'Finished',
  );
  await soon.match(() => visitor.stdout(), /^0‹ESC›\[H1‹ESC›\[H2/);
  await visitor.runs('print("still there")', 'Finished');
  await soon.equal(() => visitor.stdout(), 'still there\n');
});

test('bytes that are not text can be had as they are', async () => {
  const visitor = await home.visit();
  await visitor.runs('import sys\nsys.stdout.buffer.write(bytes(range(256)))', 'Finished');
  const download = visitor.page.waitForEvent('download');
  await visitor.page.getByRole('button', { name: 'Download stdout as bytes' }).click();
  const file = await (await download).path();
  assert.deepEqual([...readFileSync(file)], [...Array(256).keys()]);
  await visitor.check('bytes');
});
