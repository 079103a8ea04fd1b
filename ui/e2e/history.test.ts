/** Runs that were: stopped, brought back, run again, linked to and carried away. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { house, test } from './house.ts';
import { soon } from './soon.ts';

/** Programs may run as long as the tests look at them. */
const home = house('history', { SCE_TIMEOUT_SECONDS: '600' });

test('a program runs against a clock, and Stop ends it: here at once, and on the server', async () => {
  const visitor = await home.visit();
  await visitor.type('import time\nprint("stop me", flush=True)\ntime.sleep(590)');
  await visitor.run();
  await visitor.ended('Running');
  await soon.equal(() => visitor.page.title(), 'Running – Safe Code Executor');
  const bar = visitor.page.getByRole('progressbar', { name: 'Time used of the time limit' });
  await visitor.ticked();
  await soon.equal(() => bar.getAttribute('aria-valuemax'), '600');
  await soon.ok(async () => Number(await bar.getAttribute('aria-valuenow')) >= 1);
  await visitor.check('running');
  await home.server.runs(1);
  await visitor.page.getByRole('button', { name: 'Stop', exact: true }).click();
  await visitor.ended('Stopped by you');
  await home.server.runs(0);
  await visitor.newest('Stopped');
  await visitor.check('stopped');
  await visitor.runs('print("next")', 'Finished');
});

test('the history brings code and output back after a reload, and runs again', async () => {
  const visitor = await home.visit();
  await visitor.runs('print("first of two")', 'Finished');
  await visitor.runs('raise SystemExit(3)', 'Ended with exit code 3');
  await visitor.newest('Exit 3');
  await visitor.page.reload();
  await visitor.ended('Ended with exit code 3');
  await visitor.openRuns();
  const row = visitor.page.locator('.runs li').filter({ hasText: 'print("first of two")' }).first();
  await row.waitFor();
  const words = visitor.page.locator('.runs .word');
  await soon.deepEqual(async () => (await words.allTextContents()).slice(0, 2), ['Exit 3', 'Finished']);
  const [bad, good] = await words.evaluateAll((all) => all.map((word) => getComputedStyle(word).color));
  assert.notEqual(bad, good, 'told by colour too');
  await soon.match(() => row.textContent(), /(just now|\d+ min ago).*python · [\d.]+ m?s/);
  await visitor.check('runs');
  await row.locator('.open').click();
  await visitor.ended('Finished');
  await soon.equal(() => visitor.code(), 'print("first of two")');
  await soon.equal(() => visitor.stdout(), 'first of two\n');
  await soon.equal(() => row.getAttribute('aria-current'), 'true');
  await visitor.check('history');

  await visitor.page.goBack();
  await visitor.ended('Ended with exit code 3');
  await visitor.page.goForward();
  await visitor.ended('Finished');

  const id = await row.getAttribute('data-id');
  await visitor.openRuns();
  await visitor.page.locator(`li[data-id="${id}"] .again`).click();
  await visitor.page.waitForFunction((old) => !location.hash.endsWith(old ?? ''), id);
  await visitor.ended('Finished');
  await soon.equal(() => visitor.stdout(), 'first of two\n');
  const [, newest] = /#\/run\/(.*)/.exec(visitor.page.url()) ?? [];
  await visitor.page
    .locator(`.runs li:first-child[data-id="${newest}"][aria-current="true"]`)
    .waitFor({ state: 'attached' });
});

test('a run that has ended here is listed without asking for the list', async () => {
  const visitor = await home.visit();
  const asked: string[] = [];
  visitor.page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (/\/history\/?$/.test(pathname)) asked.push(pathname);
  });
  await visitor.runs('print("listed")', 'Finished');
  await visitor.newest('Finished');
  assert.deepEqual(asked, [], 'a first visit and a run ask for no list');
  await visitor.openRuns();
  assert.equal(asked.length, 1);
});

test('what was typed survives a reload', async () => {
  const visitor = await home.visit();
  await visitor.language('JavaScript');
  await visitor.type('console.log("draft")');
  await visitor.page.reload();
  await visitor.page.locator('.cm-line', { hasText: 'draft' }).waitFor();
  await soon.equal(() => visitor.page.locator('#language').getAttribute('data-value'), 'javascript');
});

test('a link leads others of the same caller to code and output, and a wrong one says so', async () => {
  const author = await home.visit();
  await author.runs('print("linked")', 'Finished');
  await author.details();
  await author.page.getByRole('button', { name: 'Copy link' }).click();
  await author.told('Link copied');
  const link = await author.clipboard();
  assert.match(link, /\/ui#\/run\/[0-9a-f-]{36}$/);
  const reader = await home.visit({ hash: new URL(link).hash });
  await reader.ended('Finished');
  await soon.equal(() => reader.code(), 'print("linked")');
  await soon.equal(() => reader.stdout(), 'linked\n');
  await reader.check('deep-link');
  const lost = await home.visit({ hash: '#/run/00000000-0000-7000-8000-000000000000' });
  await lost.ended('No such execution');
  await lost.check('lost-link');
});

test('the curl command does the same, input and arguments too', async () => {
  const visitor = await home.visit();
  await visitor.page.getByRole('button', { name: 'Input', exact: true }).first().click();
  await visitor.page.getByLabel('Standard input').fill("it's typed");
  await visitor.page.getByRole('button', { name: 'Arguments' }).click();
  await visitor.page.getByLabel('Arguments, as you would').fill('"one two" 3');
  const code = `import sys\nprint('it\\'s "quoted" $HOME \`date\` é', sys.argv[1:], input())`;
  await visitor.runs(code, 'Finished');
  await visitor.details();
  await visitor.page.getByRole('button', { name: 'Copy as curl' }).click();
  await visitor.told('Command copied.');
  const answer = JSON.parse(execFileSync('sh', ['-c', await visitor.clipboard()], { encoding: 'utf8' }));
  assert.equal(answer.output, `it's "quoted" $HOME \`date\` é ['one two', '3'] it's typed\n`);
  assert.equal(answer.output, await visitor.stdout());
});
