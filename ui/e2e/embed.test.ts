/** `<run-code>` in a page of another origin, under a policy of its own that allows as little as can be. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before } from 'node:test';
import type { Page } from 'playwright-core';
import { auditPage } from './audit.ts';
import { house, test } from './house.ts';
import { observe } from './observe.ts';
import { servePage } from './page.ts';
import { Server } from './server.ts';
import { soon } from './soon.ts';

const home = house('embed');
const EXAMPLE = readFileSync('../docs/examples/run-code.html', 'utf8');

let executor: Server | undefined;
let host = '';
const hosts = createServer((request, response) => {
  const at = executor?.origin ?? '';
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; script-src ${at}; connect-src ${at} ${at.replace('http', 'ws')}; img-src data:`,
  });
  const page = EXAMPLE.replaceAll('http://127.0.0.1:5000', at);
  response.end(
    request.url?.endsWith('?full') ? page.replaceAll(' editable', ' editable editor="full"') : page,
  );
});

before(async () => {
  hosts.listen(0, '127.0.0.1');
  await once(hosts, 'listening');
  host = `http://localhost:${(hosts.address() as AddressInfo).port}`;
  executor = await Server.start('embed-executor', { SCE_ALLOWED_ORIGINS: host, SCE_TIMEOUT_SECONDS: '600' });
});
after(async () => {
  hosts.close();
  await executor?.close();
});

interface Opened {
  page: Page;
  asked: string[];
  close: () => Promise<void>;
}

async function open(url: string): Promise<Opened> {
  const context = await home.browser.newContext({ permissions: ['clipboard-read'] });
  context.setDefaultTimeout(Number(process.env.SCE_UI_PATIENCE_MS ?? 180_000));
  await servePage(context, executor?.origin ?? '');
  const page = await context.newPage();
  await page.addInitScript(observe);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(url);
  return { page, asked, close: () => context.close() };
}

test('a block of another page runs, asks for nothing before, and breaks no policy', async () => {
  const { page, asked, close } = await open(host);
  const plain = page.locator('#plain');
  await plain.getByRole('button', { name: 'Run' }).waitFor();
  await soon.equal(() => plain.locator('pre').innerText(), 'print([n * n for n in range(5)])');
  const own = asked.filter((path) => path !== '/' && !/favicon/.test(path));
  assert.ok(own.length <= 2 && own.every((path) => path.startsWith('/ui/run-code')), own.join());
  await page.evaluate(() => {
    const told: string[] = [];
    Object.assign(window, { told });
    for (const name of ['run-start', 'run-output', 'run-end'])
      document.addEventListener(name, (event) => told.push(`${name} ${(event.target as Element).id}`));
  });
  await plain.getByRole('button', { name: 'Run' }).click();
  await plain.locator('.stretch').filter({ hasText: '[0, 1, 4, 9, 16]' }).waitFor();
  await page.waitForFunction(() => (window as unknown as { told: string[] }).told.length === 3);
  await soon.deepEqual(
    () => page.evaluate(() => (window as unknown as { told: string[] }).told),
    ['run-start plain', 'run-output plain', 'run-end plain'],
  );
  assert.equal(await plain.locator('.verdict').innerText(), '', 'nothing to say of what went well');
  const result = await plain.evaluate(
    (element) => (element as unknown as { result: { status: string } }).result,
  );
  assert.equal(result.status, 'completed');
  assert.deepEqual(await page.evaluate(() => window.cspReports), []);
  assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [
    0,
    0,
    '',
  ]);
  await auditPage(page, 'embed');
  await close();
});

test('a reader edits, types to the program, and has the page’s code back', async () => {
  const { page, close } = await open(host);
  const asks = page.locator('#asks');
  await asks.getByRole('button', { name: 'Run' }).click();
  await asks.locator('.stretch').filter({ hasText: 'Which number?' }).waitFor();
  await asks.getByLabel('To the program').fill('12');
  await asks.getByLabel('To the program').press('Enter');
  await asks.locator('.stretch').filter({ hasText: '12 squared is 144' }).waitFor();
  const code = asks.getByRole('textbox', { name: 'Code, python' });
  await code.fill('raise ValueError("\u202e<b>x</b>")');
  await asks.getByRole('button', { name: 'Run' }).click();
  await asks.locator('q').filter({ hasText: 'ValueError: ‹RLO›<b>x</b>' }).waitFor();
  await soon.match(() => asks.locator('.verdict').innerText(), /^Ended with exit code 1 Line 1: /);
  await asks.getByRole('button', { name: 'Reset' }).click();
  await soon.match(() => code.innerText(), /^\s*n = int\(input/);
  assert.deepEqual(await page.evaluate(() => window.cspReports), []);
  await close();
});

test('an exercise is tested with code that is not shown, and its errors name the lines that are', async () => {
  const { page, close } = await open(host);
  const exercise = page.locator('#exercise');
  assert.ok(!(await page.locator('body').innerText()).includes('LIMIT'));
  await exercise.getByRole('button', { name: 'Run' }).click();
  await exercise.locator('.verdict').filter({ hasText: '1 of 2 tests passed.' }).waitFor();
  await soon.match(
    () => exercise.locator('li').nth(1).textContent(),
    /^✗ three Wrong answer: line 1 is “6”, not “9”$/,
  );
  await exercise.evaluate((element) => {
    Object.assign(element, { code: 'def square(n):\n    return LIMIT and n * n' });
  });
  await exercise.getByRole('button', { name: 'Run' }).click();
  await exercise.locator('.verdict').filter({ hasText: '2 of 2 tests passed.' }).waitFor();
  const popup = page.waitForEvent('popup');
  await exercise.getByRole('button', { name: 'Open' }).click();
  await soon.match(async () => (await popup).url(), /\/ui#\/code\//);
  await close();
});

test('an editor comes when a block is turned to, with what was typed, and breaks no policy', async () => {
  const { page, asked, close } = await open(`${host}/?full`);
  const block = page.locator('#asks');
  await block.getByRole('button', { name: 'Run' }).waitFor();
  assert.ok(!asked.some((path) => path.includes('editor')), 'nothing of it comes before');
  let release = () => {};
  const held = new Promise<void>((done) => {
    release = done;
  });
  await page.route('**/run-code-editor.js', async (route) => {
    await held;
    await route.fallback();
  });
  await block.getByRole('textbox', { name: 'Code, python' }).click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText('print("edited")');
  release();
  const editor = block.locator('.cm-content');
  await editor.filter({ hasText: 'print("edited")' }).waitFor();
  await page.waitForFunction(() => {
    const shadow = document.querySelector('#asks')?.shadowRoot?.querySelector('.code')?.shadowRoot;
    return [...(shadow?.querySelectorAll('.cm-line span') ?? [])].some(
      (one) => getComputedStyle(one).color !== getComputedStyle(one.parentElement as Element).color,
    );
  });
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type('\nprint(2 * 3');
  await block.getByRole('button', { name: 'Run' }).click();
  await block.locator('.stretch').filter({ hasText: 'edited\n6' }).waitFor();
  await block.getByRole('button', { name: 'Reset' }).click();
  await editor.filter({ hasText: 'squared is' }).waitFor();
  assert.deepEqual(await page.evaluate(() => window.cspReports), []);
  assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length]), [0, 0]);
  await auditPage(page, 'embed-editor');
  await close();
});

test('several blocks run one after the other, and Stop ends one', async () => {
  const { page, close } = await open(host);
  await page
    .locator('#plain')
    .evaluate((element) =>
      Object.assign(element, { code: 'import time\nprint("on", flush=True)\ntime.sleep(590)', stdin: '' }),
    );
  await page.locator('#plain').getByRole('button', { name: 'Run' }).click();
  await page.locator('#plain .stretch').filter({ hasText: 'on' }).waitFor();
  await page.locator('#exercise').getByRole('button', { name: 'Run' }).click();
  await soon.equal(() => page.locator('#exercise .verdict').innerText(), 'Waiting for its turn…');
  await page.locator('#plain').getByRole('button', { name: 'Stop' }).click();
  await page.locator('#plain .verdict').filter({ hasText: 'Stopped.' }).waitFor();
  await page.locator('#exercise .verdict').filter({ hasText: 'tests passed' }).waitFor();
  await close();
});

test('a page whose origin is not on the list gets nothing, and its code stays readable', async () => {
  const { page, close } = await open(host.replace('localhost', '127.0.0.1'));
  if (process.env.SCE_UI_FROM_DISK === undefined)
    assert.equal(await page.locator('run-code button').count(), 0);
  await soon.equal(() => page.locator('#plain pre').innerText(), 'print([n * n for n in range(5)])');
  const outcome = await page.evaluate(
    (url) =>
      fetch(`${url}/run`, {
        method: 'POST',
        body: '{"code":"1"}',
        headers: { 'content-type': 'application/json' },
      }).then(
        () => 'let in',
        () => 'kept out',
      ),
    executor?.origin ?? '',
  );
  assert.equal(outcome, 'kept out');
  await close();
});
