/** What can fail around a program: the server, its capacity, its engine. */

import assert from 'node:assert/strict';
import { house, test } from './house.ts';
import { engineProxy, Server } from './server.ts';
import { soon } from './soon.ts';

const home = house('faults');

test('a server that is gone is told in plain words, and all is well when it is back', async () => {
  const visitor = await home.visit();
  await visitor.type('print("still here")');
  await home.server.stop();
  await visitor.run();
  await visitor.ended('The server does not answer');
  await soon.match(() => visitor.hint.textContent(), /Your code is safe here/);
  await visitor.check('unreachable');
  await home.server.start();
  await visitor.ended('The server is back');
  await visitor.check('back-again');
  await visitor.page.getByRole('button', { name: 'Run again' }).first().click();
  await visitor.ended('Finished');
  await soon.equal(() => visitor.stdout(), 'still here\n');
});

test('a page that opens while the server starts anew recovers by itself', async () => {
  const visitor = await home.visit({
    arrange: async (page) => {
      // The page itself is there; what it asks for first is not.
      await page.route(/\/(languages|history)\b/, (route) => route.abort());
    },
  });
  await visitor.ended('The server does not answer');
  assert.equal(await visitor.page.locator('#version').textContent(), '');
  await visitor.page.unrouteAll();
  await visitor.ended('The server is back');
  await visitor.page.locator('#version').filter({ hasText: /\d/ }).waitFor();
  await visitor.runs('print(1)', 'Finished');
});

test('a busy server says when to come back', async () => {
  const small = await Server.start('busy', {
    SCE_MAX_RUNNING: '1',
    SCE_QUEUE_LENGTH: '0',
    SCE_QUEUE_TIMEOUT_SECONDS: '0',
    SCE_TIMEOUT_SECONDS: '600',
  });
  const hold = new AbortController();
  try {
    const body = JSON.stringify({ code: 'import time\ntime.sleep(590)' });
    const headers = { 'content-type': 'application/json' };
    const held = fetch(`${small.origin}/run`, { method: 'POST', headers, body, signal: hold.signal });
    held.catch(() => undefined); // it is cut off in the end
    await small.runs(1);
    const visitor = await home.visit({}, small.origin);
    await visitor.type('print(1)');
    await visitor.run();
    await visitor.ended('All sandboxes are busy');
    await soon.match(
      () => visitor.hint.textContent(),
      /^As many programs run as this server allows\. Nothing was started; try again in (a moment|\d+ seconds?)\.$/,
    );
    await visitor.check('busy');
    hold.abort();
    await small.runs(0);
    await visitor.page.getByRole('button', { name: 'Run again', exact: true }).click();
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
    const visitor = await home.visit({}, lame.origin);
    engine.cut();
    await visitor.type('print(1)');
    await visitor.run();
    await visitor.ended('Not available right now');
    await soon.match(() => visitor.hint.textContent(), /This is not your program's fault\.$/);
    await visitor.check('engine-gone');
  } finally {
    engine.cut();
    await lame.close();
  }
});

test('a key is asked for where one is needed, and goes with each call from then on', async () => {
  const sent: (string | undefined)[] = [];
  const visitor = await home.visit({
    arrange: async (page) => {
      await page.routeWebSocket('**/run/live', (socket) => socket.close({ code: 1008 }));
      // As a gateway in front of the server does.
      await page.route(/\/(run|history|languages)\b/, async (route) => {
        const { authorization } = await route.request().allHeaders();
        sent.push(authorization);
        if (authorization === 'Bearer let-me-in') await route.fallback();
        else await route.fulfill({ status: 401, json: { message: 'Unauthorized' } });
      });
    },
    untold: true,
  });
  const { page } = visitor;
  await page.locator('[aria-controls="tray-input"]').click();
  await page.getByLabel('Standard input').fill('x');
  await visitor.type('print("with a key", input())');
  await visitor.run();
  await visitor.ended('This server wants a key');
  await visitor.check('wants-key');
  await page.getByRole('button', { name: 'Enter a key' }).click();
  await page.getByRole('dialog', { name: 'This server wants a key' }).waitFor();
  await visitor.check('key-dialog');
  await page.getByLabel('Whoever runs this server').fill('let-me-in');
  await page.keyboard.press('Enter');
  await visitor.ended('Finished');
  await soon.equal(() => visitor.stdout(), 'with a key x\n');
  await page.locator('#version').filter({ hasText: /\d/ }).waitFor();
  sent.length = 0;
  await visitor.openRuns();
  await page.reload();
  await visitor.ended('Finished');
  assert.ok(sent.length > 0 && sent.every((one) => one === 'Bearer let-me-in'), 'after a reload too');
  assert.ok(
    !(await page.evaluate(() => JSON.stringify(localStorage))).includes('let-me-in'),
    'kept in this tab only',
  );
});
