/** Running programs: each language, each example, each ending and its words. */

import assert from 'node:assert/strict';
import { house, test } from './house.ts';
import { soon } from './soon.ts';

/** Long enough for every program here, however busy the machine. */
const home = house('run', { SCE_TIMEOUT_SECONDS: '600' });
/** With the limits as they come. */
const strict = house('strict');

test('python runs, and the page says what happened and where the time went', async () => {
  const visitor = await home.visit();
  const places = await visitor.places();
  await visitor.runs('print(2 + 2)', 'Finished');
  await soon.equal(() => visitor.stdout(), '4\n');
  await soon.match(() => visitor.page.locator('#say').textContent(), /^Finished\. Output: 4\./);
  assert.deepEqual(await visitor.places(), places, 'nothing has moved');
  const top = async (selector: string) =>
    (await visitor.page.locator(selector).first().boundingBox())?.y ?? Number.NaN;
  assert.ok((await top('.stretch')) - (await top('#result')) <= 60, 'the output begins near the top');
  await soon.match(() => visitor.page.locator('#verdict-facts').textContent(), /^[\d.]+ m?s · [\d.]+ MB$/);
  await visitor.details();
  const facts = await visitor.facts();
  assert.deepEqual(Object.keys(facts), ['Exit code', 'Wall time', 'CPU time', 'Peak memory', 'Start']);
  assert.equal(facts['Exit code'], '0');
  assert.match(facts['Peak memory'] ?? '', /MB of 128 MB$/);
  assert.match(facts.Start ?? '', /^(warm|cold)$/);
  const stages = await visitor.page.locator('.legend > span').allTextContents();
  assert.match(stages.join(), /Sandbox .*Run /);
  await soon.equal(() => visitor.page.locator('.meter > i').count(), stages.length, 'the bar has each stage');
  await soon.match(() => visitor.page.locator('.legend .total').textContent(), /in all, .* from here$/);
  await visitor.check('finished');
  await visitor.runs('import sys\nprint("out", flush=True)\nprint("careful", file=sys.stderr)', 'Finished');
  await soon.equal(() => visitor.stdout(), 'out\n');
  await soon.equal(() => visitor.stderr(), 'careful\n');
  await visitor.page.getByLabel('Errors', { exact: true }).check();
  await soon.equal(
    () => visitor.page.locator('.stretch:visible').allTextContents().then(String),
    'careful\n',
  );
});

test('javascript runs, and each language keeps its own text', async () => {
  const visitor = await home.visit();
  await visitor.type('print("mine")');
  await visitor.language('JavaScript');
  await visitor.runs('console.log([1, 2, 3].map((n) => n * n).join(" "))', 'Finished');
  await soon.equal(() => visitor.stdout(), '1 4 9\n');
  await visitor.language('Python');
  await soon.equal(() => visitor.code(), 'print("mine")');
  await visitor.language('JavaScript');
  await soon.equal(() => visitor.code(), 'console.log([1, 2, 3].map((n) => n * n).join(" "))');
});

test('an endless loop is stopped at the time limit, in both languages', async () => {
  const python = await strict.visit();
  const javascript = await strict.visit();
  await javascript.language('JavaScript');
  await Promise.all([python, javascript].map((one) => one.example('Endless loop')));
  await Promise.all([python, javascript].map((one) => one.run()));
  for (const visitor of [python, javascript]) {
    // By the clock where the host is idle; a loop on a host with much to do has used up its CPU time later than that.
    await visitor.ended(/^Stopped after 10 seconds( of CPU time)?: time limit$/);
    await soon.equal(() => visitor.stdout(), 'Counting for ever…\n', 'what it wrote is kept');
    await soon.equal(async () => (await visitor.facts())['Exit code'], '-2');
  }
  await python.newest('Time limit');
  await python.check('time-limit');
});

test('the memory example is killed, and says at how much, in both languages', async () => {
  const visitor = await home.visit();
  await visitor.tries('Too much memory', 'Killed: used more than 128 MB');
  await soon.match(() => visitor.stdout(), /^8 MB\n16 MB\n/);
  await soon.equal(async () => (await visitor.facts())['Exit code'], '137');
  await visitor.check('memory-limit');
  await visitor.language('JavaScript');
  await visitor.tries('Too much memory', 'Killed: used more than 128 MB');
});

test('the network example finds no way out, in both languages', async () => {
  const visitor = await home.visit();
  await visitor.tries('Reach the network', 'Finished');
  const said = await visitor.stdout();
  assert.match(said, /^example\.com: .*\n1\.1\.1\.1: .*\n169\.254\.169\.254: .*unreachable\n$/i);
  assert.doesNotMatch(said, /connected/);
  await visitor.check('network');
  await visitor.language('JavaScript');
  await visitor.tries('Reach the network', 'Finished');
  const also = await visitor.stdout();
  assert.match(also, /1\.1\.1\.1: .*ENETUNREACH/);
  assert.doesNotMatch(also, /connected/);
});

test('the file example is refused, and the page says why, in both languages', async () => {
  const visitor = await home.visit();
  await visitor.tries('Write a file', 'Ended with exit code 1');
  const said = "main.py, line 1 OSError: [Errno 30] Read-only file system: '/tmp/hack.txt'";
  await soon.equal(() => visitor.said.textContent(), said);
  await soon.match(() => visitor.stderr(), /main\.py", line 1/);
  await visitor.check('file-write');
  await visitor.language('JavaScript');
  await visitor.tries('Write a file', 'Ended with exit code 1');
  const also = /Error: EROFS: read-only file system, open '\/tmp\/hack\.txt'$/;
  await soon.match(() => visitor.said.textContent(), also);
});

test('the other examples do what their names say, in both languages', async () => {
  const visitor = await home.visit();
  for (const language of ['Python', 'JavaScript']) {
    await visitor.language(language);
    await visitor.tries('Read input', 'Finished');
    await soon.match(() => visitor.stdout(), /sum.*\n12 \+ 30 = 42\n$/);
    await visitor.tries('Colours', 'Finished');
    assert.equal(await visitor.page.locator('.stretch .ctl').count(), 0);
    await soon.equal(() => visitor.page.locator('.stretch .b').textContent(), 'bold');
    if (language === 'Python') await visitor.check('colours');
  }
});

test('a syntax error is told by the line that names it, in both languages', async () => {
  const visitor = await home.visit();
  await visitor.runs('print("open)', 'Ended with exit code 1');
  await soon.match(() => visitor.said.textContent(), /SyntaxError: unterminated string literal/);
  await soon.match(() => visitor.stderr(), /File ".*main\.py", line 1/);
  await visitor.check('syntax-error');
  await visitor.language('JavaScript');
  await visitor.runs('console.log("open)', 'Ended with exit code 1');
  await soon.match(() => visitor.said.textContent(), /SyntaxError: Invalid or unexpected token$/);
});

test('a signal, an exit code and silence have their words', async () => {
  const visitor = await home.visit();
  await visitor.runs('import os\nos.abort()', 'Ended by SIGABRT');
  await visitor.check('signal');
  await visitor.runs('raise SystemExit(7)', 'Ended with exit code 7');
  await visitor.runs('pass', 'Finished');
  await visitor.page.getByText('Nothing was written.').waitFor();
  assert.equal(await visitor.stdout(), '');
  await visitor.check('silence');
});
