/** The page as a person meets it: a real browser, the real server, the real engine. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, test as plainTest } from 'node:test';
import { zipSync } from 'fflate';
import type { Browser } from 'playwright-core';
import { openBrowser, Visitor } from './browser.ts';
import { engineProxy, Server, sleep, stageProxy } from './server.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

let browser: Browser;
let server: Server;
const visitors: Visitor[] = [];

/** A step that hangs fails, rather than hold up all that comes after it. */
function test(name: string, step: () => Promise<void>): void {
  plainTest(name, { timeout: 240_000 }, step);
}

// One after the other: what has been opened is known to `after`, also when the next fails.
before(async () => {
  server = await Server.start('main');
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

afterEach(async () => {
  for (const visitor of visitors.splice(0)) await visitor.close();
});

async function visit(
  options: Parameters<typeof Visitor.open>[2] = {},
  base = server.origin,
): Promise<Visitor> {
  const visitor = await Visitor.open(browser, base, options);
  visitors.push(visitor);
  return visitor;
}

/** Nothing may move by itself: what one is about to click or read stays where it is. */
async function still(visitor: Visitor): Promise<void> {
  const { score, moved } = await visitor.layoutShift();
  assert.ok(score < 0.01, `layout shift of ${score}: ${moved.join(', ')}`);
}

/** Drops files on the page, as a file manager does. */
async function drop(visitor: Visitor, files: { name: string; bytes: Uint8Array }[]): Promise<void> {
  const carried = files.map(({ name, bytes }) => ({ name, base64: Buffer.from(bytes).toString('base64') }));
  const data = await visitor.page.evaluateHandle((carried) => {
    const data = new DataTransfer();
    for (const { name, base64 } of carried) {
      const content = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      data.items.add(new File([content], name));
    }
    return data;
  }, carried);
  await visitor.page.dispatchEvent('#editor', 'dragenter', { dataTransfer: data });
  assert.ok(await visitor.page.locator('#drop').isVisible(), 'one sees that files can be dropped');
  await visitor.page.dispatchEvent('#editor', 'drop', { dataTransfer: data });
  assert.ok(await visitor.page.locator('#drop').isHidden());
}

test('the page is served whole, under a strict policy, and nothing moves while it loads', async () => {
  const answer = await fetch(`${server.origin}/ui`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/html/);
  const policy = answer.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*|https?:/);
  assert.equal(
    await answer.text(),
    readFileSync('dist/index.html', 'utf8'),
    'the binary has the bundle of this tree',
  );
  const slash = await fetch(`${server.origin}/ui/`);
  assert.equal(slash.url, `${server.origin}/ui`, '/ui/ leads to /ui, where relative addresses hold');

  const visitor = await visit();
  await visitor.page.waitForLoadState('networkidle');
  await still(visitor);
  await visitor.check('idle-light');
});

test('python runs, and the page says what happened and where the time went', async () => {
  const visitor = await visit();
  const run = visitor.page.waitForRequest('**/run');
  await visitor.runs('import sys\nprint(2 + 2)\nprint("careful", file=sys.stderr)', 'Finished');
  assert.equal((await run).method(), 'POST');
  assert.equal(await visitor.stdout(), '4\n');
  assert.equal(await visitor.stderr(), 'careful\n');
  const facts = await visitor.facts();
  assert.deepEqual(Object.keys(facts), ['Exit code', 'Wall time', 'CPU time', 'Peak memory', 'Start']);
  assert.equal(facts['Exit code'], '0');
  assert.match(facts['Peak memory'] ?? '', /MB of 128 MB$/);
  assert.match(facts.Start ?? '', /^(warm|cold)$/);
  const legend = await visitor.page.locator('.legend').textContent();
  assert.match(legend ?? '', /Sandbox .*Run /);
  assert.match((await visitor.page.locator('#verdict-side').textContent()) ?? '', /in all.*from here/);
  assert.match((await visitor.page.locator('#say').textContent()) ?? '', /^Finished\. 2 bytes of output\./);
  await still(visitor);
  await visitor.check('finished-light');
});

test('javascript runs, and each language keeps its own text', async () => {
  const visitor = await visit();
  await visitor.type('print("mine")');
  await visitor.language('JavaScript');
  await visitor.run();
  await visitor.ended('Finished');
  await visitor.runs('console.log([1, 2, 3].map((n) => n * n).join(" "))', 'Finished');
  assert.equal(await visitor.stdout(), '1 4 9\n');
  await visitor.language('Python');
  assert.equal(await visitor.code(), 'print("mine")');
  await visitor.check('two-languages');
});

test('an endless loop runs against a clock, and is stopped at the time limit', async () => {
  const visitor = await visit();
  await visitor.example('Endless loop');
  await visitor.run();
  await visitor.ended('Running');
  const bar = visitor.page.getByRole('progressbar', { name: 'Time used of the time limit' });
  await bar.waitFor();
  await visitor.page
    .locator('.clock')
    .filter({ hasText: /^[2-4]\.\d s/ })
    .waitFor();
  assert.ok(Number(await bar.getAttribute('aria-valuenow')) >= 1);
  await visitor.check('running-light');
  await visitor.ended('Stopped after 10 seconds: time limit');
  assert.equal(await visitor.stdout(), 'Counting for ever…\n', 'what it wrote is kept');
  assert.equal((await visitor.facts())['Exit code'], '-2');
  await visitor.check('time-limit-light');
});

test('the memory example is killed, and says at how much', async () => {
  const visitor = await visit({ colorScheme: 'dark' });
  await visitor.example('Too much memory');
  await visitor.run();
  await visitor.ended('Killed: used more than 128 MB');
  assert.match(await visitor.stdout(), /^8 MB\n16 MB\n/);
  assert.equal((await visitor.facts())['Exit code'], '137');
  await visitor.check('memory-limit-dark');
});

test('the network example finds no way out, in both languages', async () => {
  const visitor = await visit();
  await visitor.example('Reach the network');
  await visitor.run();
  await visitor.ended('Finished');
  const said = await visitor.stdout();
  assert.match(said, /example\.com: /);
  assert.match(said, /169\.254\.169\.254: .*unreachable/i);
  assert.doesNotMatch(said, /connected/);
  await visitor.check('network-light');
  await visitor.language('JavaScript');
  await visitor.example('Reach the network');
  await visitor.run();
  await visitor.page.locator('.stream').filter({ hasText: 'ENETUNREACH' }).waitFor();
  assert.doesNotMatch(await visitor.stdout(), /connected/);
});

test('the file example is refused, and the page says why', async () => {
  const visitor = await visit();
  await visitor.example('Write a file');
  await visitor.run();
  await visitor.ended('Ended with exit code 1');
  assert.match(
    (await visitor.hint.textContent()) ?? '',
    /^OSError: \[Errno 30\] Read-only file system: '\/tmp\/hack\.txt'$/,
  );
  assert.match(await visitor.stderr(), /main\.py", line 1/);
  await visitor.check('file-write-light');
});

test('a flood is stopped, and its two ends are shown with the true size and the gap', async () => {
  const visitor = await visit();
  await visitor.type('n = 0\nwhile True:\n    print(f"line {n:08}")\n    n += 1');
  await visitor.run();
  await visitor.ended('Stopped: wrote more than 8 MB');
  const out = await visitor.stdout();
  assert.match(out, /^line 00000000\nline 00000001\n/);
  assert.match(out, /MB were not kept here/);
  const block = visitor.page.locator('.stream[data-stream="stdout"]');
  assert.match(
    (await block.locator('.cut').textContent()) ?? '',
    /^Cut: of 8(\.\d)? MB, the first 48 KB and the last 16 KB are shown\.$/,
  );
  assert.match((await block.locator('.size').textContent()) ?? '', /^stdout · 8(\.\d)? MB$/);
  const [, last] = /line (\d{8})\n[^\n]*$/.exec(out) ?? [];
  assert.ok(Number(last) > 400_000, `the end is there, not only the beginning: ${last}`);
  await visitor.check('output-limit-light');
});

test('input and arguments reach the program', async () => {
  const visitor = await visit();
  await visitor.type('import sys\nprint(sys.stdin.read().upper(), sys.argv[1:])');
  await visitor.page.getByRole('button', { name: 'Input' }).click();
  await visitor.page.getByLabel('Standard input').fill('two\nlines');
  await visitor.page.getByRole('button', { name: 'Arguments' }).click();
  const args = visitor.page.getByLabel('Arguments, as you would');
  await args.fill('--name "Ada Lovelace');
  assert.match((await visitor.page.locator('#args-note').textContent()) ?? '', /not closed/);
  await visitor.run();
  await visitor.ended('Not run');
  await args.fill('--name "Ada Lovelace" 42');
  assert.deepEqual(await visitor.page.locator('#args-note code').allTextContents(), [
    '--name',
    'Ada Lovelace',
    '42',
  ]);
  await visitor.run();
  await visitor.ended('Finished');
  assert.equal(await visitor.stdout(), "TWO\nLINES ['--name', 'Ada Lovelace', '42']\n");
  await visitor.check('input-and-arguments');
});

test('a zip dropped on the page shows what is in it, and the entry point can be picked', async () => {
  const visitor = await visit();
  const zip = zipSync({
    'main.py': bytes('from lib.util import hello\nprint(hello("main"))\n'),
    'other.py': bytes('import sys\nfrom lib.util import hello\nprint(hello("other"), sys.argv[1:])\n'),
    lib: { '__init__.py': bytes(''), 'util.py': bytes('def hello(who):\n    return f"hello from {who}"\n') },
    'data.csv': bytes('a,b\n1,2\n'),
  });
  await drop(visitor, [{ name: 'project.zip', bytes: zip }]);
  const names = visitor.page.locator('#files .name');
  await names.first().waitFor();
  assert.deepEqual(await names.allTextContents(), [
    'project.zip',
    'data.csv',
    'lib/__init__.py',
    'lib/util.py',
    'main.py',
    'other.py',
  ]);
  assert.match(
    (await visitor.page.locator('#instead').textContent()) ?? '',
    /^project\.zip runs instead of the editor, starting with main\.py\.$/,
  );
  await visitor.run();
  await visitor.ended('Finished');
  assert.equal(await visitor.stdout(), 'hello from main\n');

  await visitor.page.getByLabel('Start with').selectOption('other.py');
  await visitor.page.getByRole('button', { name: 'Arguments' }).click();
  await visitor.page.getByLabel('Arguments, as you would').fill("'[1]'");
  await visitor.page.getByRole('button', { name: 'Files' }).click();
  await visitor.run();
  await visitor.page.locator('.stream').filter({ hasText: 'from other' }).waitFor();
  assert.equal(await visitor.stdout(), "hello from other ['[1]']\n");
  await visitor.check('project-light');

  await drop(visitor, [{ name: 'broken.zip', bytes: bytes('PK\x03\x04 no') }]);
  await visitor.page.locator('#files').getByText('broken.zip: This zip file is broken').waitFor();
  await visitor.check('project-broken');
  await visitor.page.getByRole('button', { name: 'Remove all' }).click();
  assert.ok(await visitor.page.locator('#instead').isHidden());
});

test('a zip that climbs out of its folder is refused in the words of the server', async () => {
  const visitor = await visit();
  await drop(visitor, [
    { name: 'evil.zip', bytes: zipSync({ 'main.py': bytes('1'), '../../etc/x.py': bytes('1') }) },
  ]);
  await visitor.page.locator('#files .name').first().waitFor();
  await visitor.run();
  await visitor.ended('Not run');
  assert.match((await visitor.hint.textContent()) ?? '', /leaves the project/);
  await visitor.check('refused-light');
});

test('files beside the code in the editor are there for it', async () => {
  const visitor = await visit();
  await visitor.type('import helper\nprint(helper.ANSWER, open("data.bin", "rb").read())');
  await drop(visitor, [
    { name: 'helper.py', bytes: bytes('ANSWER = 42\n') },
    { name: 'data.bin', bytes: new Uint8Array([0, 255, 10]) },
  ]);
  await visitor.page.getByRole('button', { name: 'Remove data.bin' }).waitFor();
  await visitor.run();
  await visitor.ended('Finished');
  assert.equal(await visitor.stdout(), "42 b'\\x00\\xff\\n'\n");
  await visitor.check('files-beside');
});

test('a syntax error is told by its last line', async () => {
  const visitor = await visit({ colorScheme: 'dark' });
  await visitor.runs('print("open)', 'Ended with exit code 1');
  assert.match((await visitor.hint.textContent()) ?? '', /^SyntaxError: unterminated string literal/);
  assert.match(await visitor.stderr(), /File ".*main\.py", line 1/);
  await visitor.check('syntax-error-dark');
});

test('a signal, an exit code and silence have their words', async () => {
  const visitor = await visit();
  await visitor.runs('import os\nos.abort()', 'Ended by SIGABRT');
  await visitor.runs('raise SystemExit(7)', 'Ended with exit code 7');
  await visitor.runs('pass', 'Finished');
  assert.match((await visitor.hint.textContent()) ?? '', /and wrote nothing\.$/);
  assert.equal(await visitor.stdout(), 'Nothing was written.');
  await visitor.check('silence');
});

test('5001 characters are felt before they are sent, and refused by the server too', async () => {
  const visitor = await visit();
  const count = visitor.page.locator('#count');
  const code = `# ${'😀'.repeat(4989)}\nprint(1)`;
  await visitor.type(code);
  assert.equal(await count.textContent(), '5,000 / 5,000');
  await visitor.run();
  await visitor.ended('Finished');
  assert.equal(await visitor.stdout(), '1\n', '5000 characters run, however many bytes they are');

  let asked = 0;
  visitor.page.on('request', (request) => {
    if (request.url().endsWith('/run')) asked++;
  });
  await visitor.type(`${code}#`);
  assert.equal(await count.textContent(), '1 over 5,000 characters');
  await visitor.run();
  await visitor.ended('Not run');
  const sentence = 'Code too long. Maximum allowed length is 5000 characters.';
  assert.equal(await visitor.hint.textContent(), sentence);
  assert.equal(asked, 0);
  await visitor.check('too-long-light');
  const body = JSON.stringify({ code: `${code}#` });
  const answer = await fetch(`${server.origin}/run`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  assert.equal(answer.status, 400);
  assert.equal(((await answer.json()) as { error: string }).error, sentence);
});

test('Clear empties code, input and output, and can be undone', async () => {
  const visitor = await visit();
  await visitor.runs('print("x")', 'Finished');
  await visitor.page.getByRole('button', { name: 'Clear' }).click();
  await visitor.ended('Ready');
  assert.equal(await visitor.code(), '');
  assert.equal(new URL(visitor.page.url()).hash, '');
  await visitor.check('cleared');
  await visitor.run();
  await visitor.ended('Not run');
  assert.equal(await visitor.hint.textContent(), 'There is no code to run.');
  await visitor.page.getByRole('button', { name: 'Undo' }).click();
  assert.equal(await visitor.code(), 'print("x")');
});

test('Stop ends the run: here at once, and on the server', async () => {
  const visitor = await visit();
  await visitor.type('import time\nprint("stop me", flush=True)\ntime.sleep(9)');
  await visitor.run();
  await visitor.ended('Running');
  await visitor.page
    .locator('.clock')
    .filter({ hasText: /^1\.\d s/ })
    .waitFor();
  await visitor.page.getByRole('button', { name: 'Stop', exact: true }).click();
  await visitor.ended('Stopped by you');
  await visitor.check('stopped-light');
  await visitor.page
    .locator('.runs li:first-child .word')
    .filter({ hasText: /^Stopped$/ })
    .waitFor();
  await visitor.runs('print("next")', 'Finished');
});

test('the history brings code and output back after a reload, and runs again', async () => {
  const visitor = await visit();
  await visitor.runs('print("first of two")', 'Finished');
  await visitor.runs('raise SystemExit(3)', 'Ended with exit code 3');
  await visitor.page.reload();
  await visitor.ended('Ended with exit code 3');
  const row = visitor.page.locator('.runs li').filter({ hasText: 'print("first of two")' }).first();
  await row.waitFor();
  assert.deepEqual((await visitor.historyWords()).slice(0, 2), ['Exit 3', 'Finished']);
  await row.locator('.open').click();
  await visitor.ended('Finished');
  assert.equal(await visitor.code(), 'print("first of two")');
  assert.equal(await visitor.stdout(), 'first of two\n');
  assert.equal(await row.getAttribute('aria-current'), 'true');
  await visitor.check('history-light');

  await visitor.page.goBack();
  await visitor.ended('Ended with exit code 3');
  await visitor.page.goForward();
  await visitor.ended('Finished');

  const id = await row.getAttribute('data-id');
  await visitor.page.locator(`li[data-id="${id}"] .again`).click();
  await visitor.page.waitForFunction((old) => !location.hash.endsWith(old ?? ''), id);
  await visitor.ended('Finished');
  assert.equal(await visitor.stdout(), 'first of two\n');
  const [, newest] = /#\/run\/(.*)/.exec(visitor.page.url()) ?? [];
  await visitor.page.locator(`.runs li:first-child[data-id="${newest}"][aria-current="true"]`).waitFor();
});

test('what was typed survives a reload', async () => {
  const visitor = await visit();
  await visitor.language('JavaScript');
  await visitor.type('console.log("draft")');
  await visitor.page.reload();
  await visitor.page.locator('.cm-line', { hasText: 'draft' }).waitFor();
  assert.equal(await visitor.page.getByLabel('Language').inputValue(), 'javascript');
});

test('a link leads others of the same caller to code and output, and a wrong one says so', async () => {
  const author = await visit();
  await author.runs('print("linked")', 'Finished');
  await author.page.getByRole('button', { name: 'Copy link' }).click();
  await author.told('Link copied.');
  const link = await author.clipboard();
  assert.match(link, /\/ui#\/run\/[0-9a-f-]{36}$/);
  const reader = await visit({ hash: new URL(link).hash });
  await reader.ended('Finished');
  assert.equal(await reader.code(), 'print("linked")');
  assert.equal(await reader.stdout(), 'linked\n');
  await reader.check('deep-link');
  const lost = await visit({ hash: '#/run/00000000-0000-7000-8000-000000000000' });
  await lost.ended('No such execution');
  await lost.check('lost-link');
});

test('the curl command does the same', async () => {
  const visitor = await visit();
  const code = `print('it\\'s "quoted" $HOME \`date\` é')`;
  await visitor.runs(code, 'Finished');
  await visitor.page.getByRole('button', { name: 'Copy as curl' }).click();
  await visitor.told('Command copied.');
  const answer = JSON.parse(execFileSync('sh', ['-c', await visitor.clipboard()], { encoding: 'utf8' }));
  assert.equal(answer.output, 'it\'s "quoted" $HOME `date` é\n');
});

test('a server that is gone is told in plain words, and all is well when it is back', async () => {
  const visitor = await visit();
  await visitor.type('print("still here")');
  await server.stop();
  await visitor.run();
  await visitor.ended('The server does not answer');
  assert.match((await visitor.hint.textContent()) ?? '', /Your code is safe here/);
  await visitor.check('unreachable-light');
  await server.start();
  await visitor.ended('The server is back');
  await visitor.check('back-again');
  await visitor.page.getByRole('button', { name: 'Run again' }).first().click();
  await visitor.ended('Finished');
  assert.equal(await visitor.stdout(), 'still here\n');
});

test('output that tries to be more than text is shown as text', async () => {
  const visitor = await visit();
  await visitor.runs(
    [
      'import sys',
      'print("<script>alert(1)</script><img src=x onerror=alert(1)></pre><h1>big</h1>")',
      'print("abc\\u202edef \\x1b[2J\\x1b[Hx \\x07\\x00 safe\\rEVIL \\x1b]0;owned\\x07")',
      'print("\\x1b[30;40mhidden\\x1b[0m \\x1b[8mconcealed\\x1b[0m \\x1b[1;31mred\\x1b[0m z" + "\\u0301" * 80)',
      'sys.stdout.write("\\x1b[38;5;%dmx" * 3000 % tuple(n % 256 for n in range(3000)))',
    ].join('\n'),
    'Finished',
  );
  const out = await visitor.stdout();
  assert.ok(out.startsWith('<script>alert(1)</script><img src=x onerror=alert(1)></pre><h1>big</h1>\n'));
  assert.ok(out.includes('abc‹RLO›def ‹ESC›[2J‹ESC›[Hx ‹BEL›‹NUL› safe‹CR›\nEVIL ‹ESC›]0;owned‹BEL›\n'));
  assert.equal(await visitor.page.locator('#console script, #console img, #console h1').count(), 0);
  assert.equal(await visitor.page.title(), 'Safe Code Executor');
  assert.equal(await visitor.page.locator('.stream pre span.b').first().textContent(), 'red');
  await visitor.check('hostile-light');
  await visitor.page.getByText('Dark', { exact: true }).locator('..').click();
  await visitor.check('hostile-dark');
});

test('bytes that are not text can be had as they are', async () => {
  const visitor = await visit();
  await visitor.runs('import sys\nsys.stdout.buffer.write(bytes(range(256)))', 'Finished');
  const download = visitor.page.waitForEvent('download');
  await visitor.page.getByRole('button', { name: 'Download stdout as bytes' }).click();
  const file = await (await download).path();
  assert.deepEqual([...readFileSync(file)], [...Array(256).keys()]);
  await visitor.check('bytes-light');
});

test('the theme is chosen by hand, is there before the first paint, and is remembered', async () => {
  const visitor = await visit({ colorScheme: 'light' });
  const ground = () =>
    visitor.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();
  await visitor.page.getByText('Dark', { exact: true }).locator('..').click();
  const dark = await ground();
  assert.notEqual(dark, light);
  await visitor.page.reload({ waitUntil: 'commit' });
  await visitor.page.locator('.top').waitFor();
  assert.equal(await ground(), dark);
  await visitor.page.locator('#version').filter({ hasText: /\d/ }).waitFor();
  await visitor.check('idle-dark');
});

test('on a screen 360 px wide everything is within reach', async () => {
  const visitor = await visit({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  await visitor.check('narrow-idle');
  await visitor.run();
  await visitor.ended('Finished');
  await visitor.page.locator('.stream pre').first().waitFor();
  const seen = await visitor.page.locator('#verdict').evaluate((box) => {
    const { top, bottom } = box.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });
  assert.ok(seen, 'the verdict scrolls into view');
  await visitor.check('narrow-finished');
  await visitor.page.getByRole('button', { name: 'Examples' }).click();
  await visitor.check('narrow-menu');
});

test('between narrow and wide, history goes below', async () => {
  const visitor = await visit({ viewport: { width: 1024, height: 768 }, colorScheme: 'dark' });
  await visitor.run();
  await visitor.ended('Finished');
  await visitor.check('medium-dark');
});

test('all of it works without a mouse', async () => {
  const visitor = await visit();
  const { keyboard } = visitor.page;
  const focused = () =>
    visitor.page.evaluate(() => {
      const element = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? '';
    });
  const tabTo = async (name: RegExp) => {
    for (let presses = 0; presses < 40; presses++) {
      await keyboard.press('Tab');
      if (name.test(await focused())) return;
    }
    assert.fail(`Tab never came to ${name}; it is at "${await focused()}"`);
  };
  await visitor.page.locator('.cm-content').focus();
  await keyboard.press('ControlOrMeta+a');
  await keyboard.type('for n in range(2):\nprint(n)', { delay: 5 });
  assert.equal(await visitor.code(), 'for n in range(2):\n    print(n)', 'a new line in a block is indented');
  await keyboard.press('ControlOrMeta+Enter');
  await visitor.ended('Finished');
  assert.equal(await visitor.stdout(), '0\n1\n');

  await keyboard.press('Escape');
  await tabTo(/^Input$/);
  await keyboard.press('Enter');
  await tabTo(/^$/);
  await keyboard.type('typed');
  assert.equal(await visitor.page.getByLabel('Standard input').inputValue(), 'typed');

  await visitor.page.locator('#examples').focus();
  await keyboard.press('Enter');
  assert.match(await focused(), /^Hello/);
  await keyboard.press('End');
  await keyboard.press('ArrowUp');
  assert.match(await focused(), /^Write a file/);
  await visitor.check('menu-light');
  await keyboard.press('Escape');
  assert.match(await focused(), /^Examples/);
  await keyboard.press('ArrowDown');
  await keyboard.type('e');
  await keyboard.press('Enter');
  assert.match(await focused(), /^Run/);
  await keyboard.press('Enter');
  await visitor.ended('Running');
  await visitor.page.locator('#run[data-state="stop"]').waitFor();
  await sleep(500);
  await keyboard.press('ControlOrMeta+.');
  await visitor.ended('Stopped by you');

  await keyboard.press('?');
  await visitor.page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await visitor.check('keys-light');
  await keyboard.press('Escape');

  await visitor.page.locator('.cm-content').focus();
  await keyboard.press('ControlOrMeta+f');
  await visitor.page.locator('.cm-search').waitFor();
  await visitor.check('search-light');
  await keyboard.press('Escape');

  await visitor.page.locator('.runs .open').first().focus();
  await keyboard.press('Tab');
  assert.match(await focused(), /^Run again: /);
  await visitor.page.locator('#skip').focus();
  await visitor.check('skip-link');
  await keyboard.press('Enter');
  assert.equal(await visitor.page.evaluate(() => document.activeElement?.id), 'result');
});

test('behind the stage of a gateway all the same works', async () => {
  const proxy = await stageProxy(server.port, '/Prod');
  try {
    const visitor = await visit({}, `${proxy.origin}/Prod`);
    await visitor.runs('print("staged")', 'Finished');
    assert.match(visitor.page.url(), /\/Prod\/ui#\/run\//);
    await visitor.page.getByRole('button', { name: 'Copy link' }).click();
    await visitor.told('Link copied.');
    assert.match(await visitor.clipboard(), /\/Prod\/ui#\/run\//);
    await visitor.page.goto(`${proxy.origin}/Prod/ui/`);
    await visitor.page.locator('.cm-content').waitFor();
    assert.equal(new URL(visitor.page.url()).pathname, '/Prod/ui');
    await visitor.check('stage');
  } finally {
    proxy.close();
  }
});

test('a busy server says when to come back', async () => {
  const small = await Server.start('busy', {
    SCE_MAX_RUNNING: '1',
    SCE_QUEUE_LENGTH: '0',
    SCE_QUEUE_TIMEOUT_SECONDS: '0',
  });
  const hold = new AbortController();
  try {
    const body = JSON.stringify({ code: 'import time\ntime.sleep(9)' });
    const headers = { 'content-type': 'application/json' };
    const held = fetch(`${small.origin}/run`, { method: 'POST', headers, body, signal: hold.signal }).catch(
      () => undefined,
    );
    const visitor = await visit({}, small.origin);
    await sleep(1000);
    await visitor.type('print(1)');
    await visitor.run();
    await visitor.ended('All sandboxes are busy');
    assert.match(
      (await visitor.hint.textContent()) ?? '',
      /Nothing was started; try again in \d+ seconds?\./,
    );
    await visitor.check('busy-light');
    hold.abort();
    await held;
    const again = visitor.page.locator('#verdict-side button');
    await again.filter({ hasText: /^Run again$/ }).waitFor();
    await again.click();
    await visitor.ended('Finished');
  } finally {
    hold.abort();
    await small.close();
  }
});

test('an engine that is gone is not the fault of the program, and the page says so', async () => {
  const engine = await engineProxy();
  const lame = await Server.start('lame', { DOCKER_HOST: engine.host });
  try {
    const visitor = await visit({}, lame.origin);
    engine.cut();
    await visitor.type('print(1)');
    await visitor.run();
    await visitor.ended(/^(Not available right now|The server failed)$/);
    assert.match((await visitor.hint.textContent()) ?? '', /This is not your program's fault\./);
    await visitor.check('engine-gone-light');
  } finally {
    engine.cut();
    await lame.close();
  }
});
