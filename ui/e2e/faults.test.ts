/** What can fail around a program: the server, its capacity, its engine. */

import assert from 'node:assert/strict';
import { house, test } from './house.ts';
import { engineProxy, Server } from './server.ts';

const home = house('faults');

test('a server that is gone is told in plain words, and all is well when it is back', async () => {
  const visitor = await home.visit();
  await visitor.type('print("still here")');
  await home.server.stop();
  await visitor.run();
  await visitor.ended('The server does not answer');
  assert.match((await visitor.hint.textContent()) ?? '', /Your code is safe here/);
  await visitor.check('unreachable');
  await home.server.start();
  await visitor.ended('The server is back');
  await visitor.check('back-again');
  await visitor.page.getByRole('button', { name: 'Run again' }).first().click();
  await visitor.ended('Finished');
  assert.equal(await visitor.stdout(), 'still here\n');
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
  await visitor.newest('Finished');
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
    assert.match(
      (await visitor.hint.textContent()) ?? '',
      /^As many programs run as this server allows\. Nothing was started; try again in \d+ seconds?\.$/,
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
    assert.match((await visitor.hint.textContent()) ?? '', /This is not your program's fault\.$/);
    await visitor.check('engine-gone');
  } finally {
    engine.cut();
    await lame.close();
  }
});
