// Measures the page as a visitor on a slow line has it, from a server that runs: node measure.mjs http://127.0.0.1:5000
// Prints milliseconds since the visit began, and bytes; nothing is asserted, since a busy machine makes all of it longer.
import { chromium } from 'playwright-core';

const [server = 'http://127.0.0.1:5000'] = process.argv.slice(2);
/** Slow 3G, as browsers' own tools have it. */
const SLOW = { offline: false, latency: 400, downloadThroughput: 400_000 / 8, uploadThroughput: 400_000 / 8 };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});

for (const [name, line, slowdown] of [
  ['local', undefined, 1],
  ['slow 3G', SLOW, 1],
  ['slow 3G, 4 × CPU', SLOW, 4],
]) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send('Network.enable');
  if (line) await cdp.send('Network.emulateNetworkConditions', line);
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  let bytes = 0;
  cdp.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  const began = performance.now();
  const since = () => Math.round(performance.now() - began);
  await page.goto(`${server}/ui`, { waitUntil: 'commit' });
  await page.locator('#editor :is(textarea, .code)').first().waitFor();
  const field = since();
  await page.waitForFunction(() => (document.querySelector('#language')?.dataset.value ?? '') !== '');
  const script = since();
  await page.locator('.cm-content').waitFor();
  const editor = since();
  await page.locator('.cm-line span').first().waitFor();
  const coloured = since();
  await page.waitForLoadState('networkidle');
  const paint = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
  );
  console.log(
    `${name}: painted ${Math.round(paint)} ms, text field ${field} ms, runs ${script} ms, editor ${editor} ms, ` +
      `coloured ${coloured} ms; ${bytes} bytes`,
  );
  await context.close();
}
await browser.close();
