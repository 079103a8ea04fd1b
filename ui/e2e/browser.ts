/** A real browser, and what every state of the page is held to: no violation, no report, no error, a picture. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { OUT } from './server.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** A failed call is logged by the browser itself; what the page makes of it is tested in its place. */
const EXPECTED = /^Failed to load resource/;

export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking'] });
}

export class Visitor {
  readonly page: Page;
  readonly #faults: string[] = [];
  readonly #origin: string;

  private constructor(page: Page, origin: string) {
    this.page = page;
    this.#origin = origin;
  }

  /** Opens the page as somebody new, at `<base>/ui` and with the fragment, if there is one. */
  static async open(
    browser: Browser,
    base: string,
    options: BrowserContextOptions & { hash?: string } = {},
  ): Promise<Visitor> {
    const { hash = '', ...rest } = options;
    const context = await browser.newContext({
      viewport: { width: 1440, height: 860 },
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
      ...rest,
    });
    context.setDefaultTimeout(45_000); // these machines have more to do
    const page = await context.newPage();
    const visitor = new Visitor(page, new URL(base).origin);
    visitor.#watch();
    await page.addInitScript(() => {
      const reports: string[] = [];
      const moved: string[] = [];
      Object.assign(window, { cspReports: reports, shifts: 0, moved });
      addEventListener('securitypolicyviolation', (event) => {
        reports.push(
          `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
        );
      });
      interface Shift extends PerformanceEntry {
        value: number;
        hadRecentInput: boolean;
        sources: { node?: Element }[];
      }
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as Shift[]) {
          if (entry.hadRecentInput) continue;
          (window as unknown as { shifts: number }).shifts += entry.value;
          moved.push(
            ...entry.sources.map(({ node }) => node?.id || node?.className || node?.nodeName || '?'),
          );
        }
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto(`${base}/ui${hash}`);
    await page.locator('.cm-content').waitFor();
    await page
      .locator('#version')
      .filter({ hasText: /\d/ })
      .or(page.locator('#verdict[data-tone="bad"]'))
      .first()
      .waitFor({ state: 'attached' });
    return visitor;
  }

  #watch(): void {
    this.page.on('pageerror', (error) => this.#faults.push(`error: ${error.message}`));
    this.page.on('console', (message) => {
      const loud = message.type() === 'error' || message.type() === 'warning';
      if (loud && !EXPECTED.test(message.text())) this.#faults.push(`console: ${message.text()}`);
    });
    this.page.on('dialog', (dialog) => {
      this.#faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    this.page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(this.#origin) && !url.startsWith('blob:')) this.#faults.push(`request to ${url}`);
    });
  }

  /** Holds the state that the page is in to everything that must always be so, and takes its picture. */
  async check(name: string): Promise<void> {
    const { page } = this;
    await page.screenshot({ path: join(OUT, `${name}.png`) });
    await page.evaluate(AXE);
    const violations = await page.evaluate(async () => {
      const axe = (window as unknown as { axe: typeof import('axe-core') }).axe;
      const { violations } = await axe.run(document, { resultTypes: ['violations'] });
      return violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(' | ')}`,
      );
    });
    assert.deepEqual(violations, [], `${name}: accessibility`);
    const reports = await page.evaluate(() => (window as unknown as { cspReports: string[] }).cspReports);
    assert.deepEqual(reports, [], `${name}: Content-Security-Policy`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${name}: the page is ${wide} px wider than the window`);
    assert.deepEqual(this.#faults, [], name);
  }

  async close(): Promise<void> {
    assert.deepEqual(this.#faults, []);
    await this.page.context().close();
  }

  // What a person does

  async type(code: string): Promise<void> {
    await this.page.locator('.cm-content').click();
    await this.page.keyboard.press('ControlOrMeta+a');
    await this.page.keyboard.insertText(code);
  }

  async run(): Promise<void> {
    // Forced: where there is nothing to run the button is aria-disabled, and a click says why.
    await this.page.locator('#run').click({ force: true });
  }

  async example(name: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Examples' }).click();
    await this.page.getByRole('menuitem', { name }).click();
  }

  async language(name: string): Promise<void> {
    await this.page.getByLabel('Language').selectOption({ label: name });
  }

  /** Runs this code and waits for its ending: not for that of the run before, which may read the same. */
  async runs(code: string, title: string | RegExp): Promise<void> {
    await this.type(code);
    const before = new URL(this.page.url()).hash;
    await this.run();
    await this.page.waitForFunction((hash) => location.hash !== hash, before);
    await this.ended(title);
  }

  // What a person sees

  get title(): Locator {
    return this.page.locator('#verdict-title');
  }

  get hint(): Locator {
    return this.page.locator('#verdict-hint');
  }

  /** Waits for a verdict. */
  async ended(title: string | RegExp): Promise<void> {
    const exactly = typeof title === 'string' ? new RegExp(`^${literally(title)}$`) : title;
    try {
      await this.title.filter({ hasText: exactly }).waitFor();
    } catch (cause) {
      await this.page.screenshot({ path: join(OUT, 'failed.png') });
      const seen = `${await this.title.textContent()}: ${await this.hint.textContent()}`;
      throw new Error(`waited for ${exactly}, saw "${seen}"`, { cause });
    }
  }

  async stdout(): Promise<string> {
    return (await this.page.locator('.stream[data-stream="stdout"] pre').textContent()) ?? '';
  }

  async stderr(): Promise<string> {
    return (await this.page.locator('.stream[data-stream="stderr"] pre').textContent()) ?? '';
  }

  async facts(): Promise<Record<string, string>> {
    const pairs = await this.page
      .locator('.facts > div')
      .evaluateAll((rows) =>
        rows.map((row) => [
          row.querySelector('dt')?.textContent ?? '',
          row.querySelector('dd')?.textContent ?? '',
        ]),
      );
    return Object.fromEntries(pairs) as Record<string, string>;
  }

  async code(): Promise<string> {
    return (await this.page.locator('.cm-line').allTextContents()).join('\n');
  }

  /** The words of the history, newest first. */
  async historyWords(): Promise<string[]> {
    return this.page.locator('.runs .word').allTextContents();
  }

  async told(note: string): Promise<void> {
    await this.page.locator('#toasts').getByText(note).waitFor();
  }

  async clipboard(): Promise<string> {
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  /** How much moved by itself since the page began to load, and what. */
  async layoutShift(): Promise<{ score: number; moved: string[] }> {
    return this.page.evaluate(() => {
      const { shifts, moved } = window as unknown as { shifts: number; moved: string[] };
      return { score: shifts, moved };
    });
  }
}

function literally(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
