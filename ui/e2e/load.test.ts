/** Loading the page: what is served, what it weighs, that nothing moves, in which colours, and behind a stage. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Page, Route } from 'playwright-core';
import { house, test } from './house.ts';
import { stageProxy } from './server.ts';

/** What a first visit may weigh in all, on the wire. */
const BUDGET = 250 * 1024;

const home = house('load');

/** Holds each answer back until what came before has been painted, and says whether all were asked for. */
function slowly(paths: string[]): { arrange: (page: Page) => Promise<void>; painted: Set<string> } {
  const painted = new Set<string>();
  const arrange = async (page: Page) => {
    for (const path of paths) {
      await page.route(`**/${path}`, async (route: Route) => {
        await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
        await page.evaluate(
          () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
        );
        if (path.endsWith('app.js') && (await page.getByRole('button', { name: 'Run' }).isVisible()))
          painted.add('the page before its script');
        painted.add(path);
        await route.continue();
      });
    }
  };
  return { arrange, painted };
}

test('the page is served whole, under a strict policy', async () => {
  const { origin } = home.server;
  const answer = await fetch(`${origin}/ui`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/html/);
  const policy = answer.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*|https?:/);
  assert.equal(await answer.text(), readFileSync('dist/index.html', 'utf8'));
  for (const name of ['app.js', 'app.css', 'theme.js', 'icon.svg', 'licenses.txt']) {
    const file = await fetch(`${origin}/ui/${name}`);
    const bytes = Buffer.from(await file.arrayBuffer());
    assert.ok(bytes.equals(readFileSync(`dist/${name}`)), `the binary has this tree's ${name}`);
  }
  const slash = await fetch(`${origin}/ui/`);
  assert.equal(slash.url, `${origin}/ui`, '/ui/ leads to /ui, where relative addresses hold');
});

test('a first visit weighs little, and a second one nearly nothing', async () => {
  const visitor = await home.visit();
  const weigh = async (load: () => Promise<unknown>) => {
    const weights: Promise<[name: string, bytes: number]>[] = [];
    visitor.page.on('requestfinished', (request) => {
      const { pathname } = new URL(request.url());
      if (!pathname.startsWith('/ui')) return;
      weights.push(request.sizes().then((sizes) => [pathname, sizes.responseBodySize]));
    });
    await load();
    await visitor.page.waitForLoadState('networkidle');
    visitor.page.removeAllListeners('requestfinished');
    const all = Object.fromEntries(await Promise.all(weights));
    return { all, sum: Object.values(all).reduce((sum, bytes) => sum + bytes, 0) };
  };
  const cdp = await visitor.page.context().newCDPSession(visitor.page);
  await cdp.send('Network.clearBrowserCache');
  const first = await weigh(() => visitor.page.reload());
  for (const name of ['/ui', '/ui/app.js', '/ui/app.css', '/ui/theme.js']) {
    assert.ok((first.all[name] ?? 0) > 0, `${name} was asked for`);
  }
  assert.ok(first.sum <= BUDGET, `${first.sum} bytes, at most ${BUDGET} are allowed`);
  console.log(`a first visit weighs ${first.sum} bytes on the wire; ${BUDGET} are allowed`);
  const second = await weigh(() => visitor.page.reload());
  assert.equal(second.sum, 0, 'what has not changed is not sent again');
});

test('it is painted before its script is there, and nothing moves while the rest comes', async () => {
  const paths = ['ui/app.js', 'languages', 'history?*'];
  const all = new Set([...paths, 'the page before its script']);
  for (const viewport of [
    { width: 1440, height: 860 },
    { width: 360, height: 740 },
  ]) {
    const { arrange, painted } = slowly(paths);
    const visitor = await home.visit({ viewport, arrange });
    await visitor.page.waitForLoadState('networkidle');
    assert.deepEqual(painted, all);
    await visitor.still();
    await visitor.check(`idle-${viewport.width}`);
    await visitor.run(); // so that the next one finds a history
    await visitor.ended('Finished');
    await visitor.newest('Finished');
  }
});

test('the languages, their versions and their first programs are those of the server', async () => {
  const offered = (await (await fetch(`${home.server.origin}/languages`)).json()) as Record<string, string>[];
  const visitor = await home.visit();
  const select = visitor.page.getByLabel('Language');
  assert.deepEqual(
    await select
      .locator('option')
      .evaluateAll((options) => options.map((o) => (o as HTMLOptionElement).value)),
    offered.map(({ name }) => name),
  );
  for (const { name = '', version = '', example = '' } of offered) {
    await select.selectOption(name);
    assert.equal(`${await visitor.code()}`, example);
    assert.ok(version.includes((await visitor.page.locator('#version').textContent()) ?? '?'), version);
    const keywords = visitor.page.locator('.cm-line span');
    const colours = await keywords.evaluateAll((all) => all.map((one) => getComputedStyle(one).color));
    assert.ok(new Set(colours).size > 1, `${name} is highlighted`);
  }
});

test('colours follow the system, or are chosen by hand, are there before the first paint, and remembered', async () => {
  const system = await home.visit({ colorScheme: 'dark' });
  const visitor = await home.visit();
  const ground = (page: Page) =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const [light, dark] = [await ground(visitor.page), await ground(system.page)];
  assert.notEqual(dark, light);
  await visitor.page.getByText('Dark', { exact: true }).locator('..').click();
  assert.equal(await ground(visitor.page), dark);
  await visitor.page.reload({ waitUntil: 'commit' });
  await visitor.page.locator('.top').waitFor();
  assert.equal(await ground(visitor.page), dark);
  await visitor.loaded();
  await visitor.check('dark-by-hand');
  await system.page.getByText('Light', { exact: true }).locator('..').click();
  assert.equal(await ground(system.page), light);
});

test('behind the stage of a gateway all the same works', async () => {
  const proxy = await stageProxy(home.server.port, '/Prod');
  try {
    const visitor = await home.visit({}, `${proxy.origin}/Prod`);
    await visitor.runs('print("staged")', 'Finished');
    assert.match(visitor.page.url(), /\/Prod\/ui#\/run\//);
    await visitor.newest('Finished');
    await visitor.page.getByRole('button', { name: 'Copy link' }).click();
    await visitor.told('Link copied.');
    assert.match(await visitor.clipboard(), /\/Prod\/ui#\/run\//);
    await visitor.page.getByRole('button', { name: 'Copy as curl' }).click();
    await visitor.told('Command copied.');
    assert.match(await visitor.clipboard(), /\/Prod\/run/);
    await visitor.check('stage');
    await visitor.page.goto(`${proxy.origin}/Prod/ui/`);
    await visitor.loaded();
    assert.equal(new URL(visitor.page.url()).pathname, '/Prod/ui');
  } finally {
    proxy.close();
  }
});
