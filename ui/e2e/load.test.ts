/** Loading the page: what is served, what it weighs, that nothing moves, in which colours, and behind a stage. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { Page, Route } from 'playwright-core';
import { house, test } from './house.ts';
import { stageProxy } from './server.ts';
import { soon } from './soon.ts';

/** What a first visit may weigh in all, on the wire. */
const BUDGET = 180 * 1024;
/** What the scripts may weigh that are there before one can write and press Run. */
const BOOT_BUDGET = 15 * 1024;

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
        if (path.endsWith('app.js') && (await page.locator('#run').isVisible()))
          painted.add('the page before its script');
        painted.add(path);
        await route.fallback();
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
  for (const name of readdirSync('dist')) {
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
  const links = readFileSync('dist/index.html', 'utf8').match(/<(?:script|link)[^>]*\.js"[^>]*>/g) ?? [];
  const boot = links.filter((link) => !link.includes('fetchpriority="low"'));
  const least = boot.reduce((sum, link) => sum + (first.all[`/${/ui\/[^"]+/.exec(link)?.[0]}`] ?? 0), 0);
  assert.ok(boot.length >= 2 && least > 10_000 && least <= BOOT_BUDGET, `the boot is ${least} bytes`);
  const second = await weigh(() => visitor.page.reload());
  assert.equal(second.sum, 0, 'what has not changed is not sent again');
});

test('it is painted before its script is there, and nothing moves while the rest comes', async () => {
  const paths = ['ui/app.js', 'languages'];
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

test('one writes and runs before the script and the editor have come, and nothing typed is lost', async () => {
  let release = () => {};
  const held = new Promise<void>((done) => {
    release = done;
  });
  let freed = () => {};
  const editor = new Promise<void>((done) => {
    freed = done;
  });
  const visitor = home.visit({
    arrange: async (page) => {
      await page.route('**/ui/app.js', async (route) => {
        await held;
        await route.fallback();
      });
      await page.route('**/ui/part-editor-*', async (route) => {
        await editor;
        await route.fallback();
      });
      void page.waitForSelector('#first').then(async (field) => {
        await field.fill('print("early")');
        await page.locator('#run').click();
        release();
        await page.locator('.stretch').filter({ hasText: 'early' }).waitFor();
        await field.focus();
        await page.keyboard.press('End');
        await page.keyboard.type(' # more');
        freed();
      });
    },
  });
  const { page } = await visitor;
  await page.locator('.cm-line').filter({ hasText: 'print("early") # more' }).waitFor();
  await page.keyboard.type('!');
  assert.equal(
    await (await visitor).code(),
    'print("early") # more!',
    'the editor took over text, place and focus',
  );
});

test('a part that cannot be fetched is told, and a reload brings it and keeps what was typed', async () => {
  const visitor = await home.visit({
    arrange: async (page) => {
      await page.route(/\/ui\/part-(result|menu)-/, (route) => route.abort());
    },
  });
  await visitor.type('print("kept")');
  await visitor.run();
  const told = visitor.page
    .locator('.toast')
    .filter({ hasText: 'A part of this page could not be fetched.' });
  await told.waitFor();
  assert.equal(await visitor.title.textContent(), 'Ready', 'nothing is said to go on');
  await visitor.check('not-whole');
  await visitor.page.getByRole('button', { name: 'Close' }).click();
  await visitor.page.getByRole('button', { name: 'Examples' }).click();
  await told.waitFor();
  await visitor.page.unrouteAll();
  await visitor.page.getByRole('button', { name: 'Reload' }).click();
  await visitor.page.locator('.cm-line').filter({ hasText: 'print("kept")' }).waitFor();
  await visitor.run();
  await visitor.ended('Finished');
  await soon.equal(() => visitor.stdout(), 'kept\n');
});

test('text keeps its room when it is set wider', async () => {
  const visitor = await home.visit();
  await visitor.run();
  await visitor.ended('Finished');
  await visitor.openRuns();
  await visitor.page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }',
    );
    document.adoptedStyleSheets.push(sheet);
  });
  const clipped = await visitor.page
    .locator('.runs .word, .runs .when, #verdict-title, .tab, #run')
    .evaluateAll((all) =>
      all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.className || one.id),
    );
  assert.deepEqual(clipped, []);
  const [word, when] = await visitor.page
    .locator('.runs li:first-child :is(.word, .when)')
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON() as DOMRect));
  assert.ok(
    word && when && (word.x + word.width <= when.x || word.y + word.height <= when.y),
    'side by side',
  );
});

test('the languages, their versions and their first programs are those of the server', async () => {
  const offered = (await (await fetch(`${home.server.origin}/languages`)).json()) as Record<string, string>[];
  const visitor = await home.visit();
  for (const { title = '', version = '', example = '' } of offered) {
    await visitor.language(title);
    await visitor.page.waitForFunction(() => document.querySelector('#editor .code'));
    await soon.equal(() => visitor.code(), example);
    await soon.ok(
      async () => version.includes((await visitor.page.locator('#version').textContent()) ?? '?'),
      version,
    );
    await visitor.coloured();
  }
  await visitor.page.locator('#language').click();
  const rows = visitor.page.getByRole('option');
  await soon.deepEqual(
    async () => (await rows.locator('b').allTextContents()).sort(),
    offered.map(({ title }) => title).sort(),
  );
  await visitor.page.keyboard.type('node');
  await soon.deepEqual(() => rows.locator('b').allTextContents(), ['JavaScript'], 'found by alias');
  await visitor.check('languages');
  await visitor.page.keyboard.press('Escape');
});

test('colours follow the system, or are chosen by hand, are there before the first paint, and remembered', async () => {
  const system = await home.visit({ colorScheme: 'dark' });
  const visitor = await home.visit();
  const ground = (page: Page) =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const [light, dark] = [await ground(visitor.page), await ground(system.page)];
  assert.notEqual(dark, light);
  await visitor.theme('Dark');
  await soon.equal(() => ground(visitor.page), dark);
  await visitor.page.reload({ waitUntil: 'commit' });
  await visitor.page.locator('.top').waitFor();
  assert.equal(await ground(visitor.page), dark);
  await visitor.loaded();
  await visitor.check('dark-by-hand');
  await system.theme('Light');
  await soon.equal(() => ground(system.page), light);
});

test('behind the stage of a gateway all the same works', async () => {
  const proxy = await stageProxy(home.server.port, '/Prod');
  try {
    const visitor = await home.visit({}, `${proxy.origin}/Prod`);
    await visitor.runs('print("staged")', 'Finished');
    assert.match(visitor.page.url(), /\/Prod\/ui#\/run\//);
    await visitor.newest('Finished');
    await visitor.details();
    await visitor.page.getByRole('button', { name: 'Copy link' }).click();
    await visitor.told('Link copied');
    await soon.match(() => visitor.clipboard(), /\/Prod\/ui#\/run\//);
    await visitor.details();
    await visitor.page.getByRole('button', { name: 'Copy as curl' }).click();
    await visitor.told('Command copied.');
    await soon.match(() => visitor.clipboard(), /\/Prod\/run/);
    await visitor.check('stage');
    await visitor.page.goto(`${proxy.origin}/Prod/ui/`);
    await visitor.loaded();
    assert.equal(new URL(visitor.page.url()).pathname, '/Prod/ui');
  } finally {
    proxy.close();
  }
});
