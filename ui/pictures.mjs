// Takes the README's pictures of the page, from a server that runs: node pictures.mjs http://127.0.0.1:5000
// Waits for a quick run, so that the pictures do not show how busy the machine was. Needs Chromium; pngquant makes
// the pictures small.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const [server = 'http://127.0.0.1:5000'] = process.argv.slice(2);
const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'docs', 'images');
const TRIES = 15;
const QUICK_MS = 40;

const primes = `def primes(limit):
    """The sieve of Eratosthenes."""
    sieve = bytearray([1]) * limit
    for n in range(2, limit):
        if sieve[n]:
            yield n
            for multiple in range(n * n, limit, n):
                sieve[multiple] = 0


found = list(primes(100))
print(f"{len(found)} primes below 100:")
print(*found)
`;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});

async function open(options) {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(180_000); // the machine may have much else to do
  const page = await context.newPage();
  await page.goto(`${server}/ui`);
  await page.locator('#version').filter({ hasText: /\d/ }).waitFor({ state: 'attached' });
  await page.locator('#editor[data-editor]').waitFor();
  return page;
}

async function run(page) {
  await page.locator('#run').click();
  await page.locator('#verdict:not([data-tone="run"]):not([data-tone="idle"])').waitFor();
}

async function example(page, name) {
  await page.click('#examples');
  await page.getByRole('menuitem', { name }).click();
  await run(page);
}

async function quickRun(page) {
  for (let tries = 0; tries < TRIES; tries++) {
    await run(page);
    const took = await page.locator('#verdict-facts').textContent();
    const [, ms] = /^([\d.]+) ms/.exec(took ?? '') ?? [];
    if (Number(ms) < QUICK_MS) return;
    await page.waitForTimeout(1500); // for another warm sandbox
  }
}

async function picture(page, name) {
  await page.mouse.move(640, 500);
  await page.waitForTimeout(300);
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  spawnSync('pngquant', ['--force', '--strip', '--quality', '70-95', '--speed', '1', '--output', path, path]);
}

mkdirSync(folder, { recursive: true });
const desk = { width: 1280, height: 720 };

const light = await open({ viewport: desk });
await example(light, 'Too much memory');
await example(light, 'Write a file');
await light.locator('.cm-content').click();
await light.keyboard.press('ControlOrMeta+a');
await light.keyboard.insertText(primes);
await quickRun(light);
await picture(light, 'page-light');

const dark = await open({ viewport: desk, colorScheme: 'dark' });
await example(dark, 'Endless loop');
await picture(dark, 'page-time-limit-dark');

const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const narrow = await open(phone);
await quickRun(narrow);
await picture(narrow, 'page-narrow');

await browser.close();
