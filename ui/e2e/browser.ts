/** A real browser, and somebody in front of it: what they do, what they see, and what no state may show them. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { audit, LOOKS } from './audit.ts';
import { observe } from './observe.ts';
import { servePage } from './page.ts';
import { FROM_DISK, OUT } from './server.ts';

const NARROW = { width: 360, height: 740 };
/** 1280 × 1024 at 400 %. */
const TINY = { width: 320, height: 256 };
/** These machines have more to do. Nothing waits this long when all is well. */
const PATIENCE_MS = Number(process.env.SCE_UI_PATIENCE_MS ?? 180_000);
/** A failed call is logged by the browser itself; what the page makes of it is tested in its place. */
const EXPECTED = /^(Failed to load resource|WebSocket connection to)/;

export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      // A page that the tests themselves hand out counts as one of another network.
      ...(FROM_DISK === undefined ? [] : ['--disable-features=LocalNetworkAccessChecks']),
    ],
    timeout: PATIENCE_MS,
  });
}

export type VisitorOptions = Omit<BrowserContextOptions, 'colorScheme'> & {
  colorScheme?: 'light' | 'dark';
  /** What stands behind `/ui`. */
  hash?: string;
  /** The server does not say what it offers. */
  untold?: boolean;
  /** Runs before the page is asked for. */
  arrange?: (page: Page) => Promise<void>;
};

export class Visitor {
  readonly page: Page;
  readonly #faults: string[] = [];
  readonly #origin: string;
  /** What this visitor's system prefers. */
  readonly #scheme: 'light' | 'dark';

  private constructor(page: Page, origin: string, scheme: 'light' | 'dark') {
    this.page = page;
    this.#origin = origin;
    this.#scheme = scheme;
  }

  /** Opens the page as somebody new, at `<base>/ui` and with the fragment, if there is one. */
  static async open(browser: Browser, base: string, options: VisitorOptions = {}): Promise<Visitor> {
    const { hash = '', colorScheme = 'light', arrange, untold = false, ...rest } = options;
    const context = await browser.newContext({
      viewport: { width: 1440, height: 860 },
      reducedMotion: 'reduce',
      colorScheme,
      permissions: ['clipboard-read', 'clipboard-write'],
      ...rest,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    await servePage(context, base);
    const page = await context.newPage();
    const visitor = new Visitor(page, new URL(base).origin, colorScheme);
    visitor.#watch();
    await page.addInitScript(observe);
    await arrange?.(page);
    await page.goto(`${base}/ui${hash}`);
    if (untold) await page.locator('#editor[data-editor]').waitFor();
    else await visitor.loaded();
    return visitor;
  }

  /** The page is whole: the editor is there, and the server has said what it offers or does not answer. */
  async loaded(): Promise<void> {
    await this.page.locator('.cm-content').waitFor();
    const offered = this.page.locator('#version').filter({ hasText: /\d/ });
    const refused = this.page.locator('#verdict[data-tone="bad"]');
    await this.page.locator('#editor[data-editor]').waitFor();
    await offered.or(refused).first().waitFor({ state: 'attached' });
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

  /**
   * Holds the state that the page is in to everything that must always be so, light, dark and on a narrow screen, and
   * takes its pictures. The page must stay in this state meanwhile.
   */
  async check(name: string): Promise<void> {
    const { page } = this;
    const wide = page.viewportSize() ?? NARROW;
    const state = await this.#state();
    for (const look of LOOKS) {
      await page.emulateMedia({ colorScheme: look === 'dark' ? 'dark' : 'light' });
      await page.setViewportSize(look === 'narrow' ? NARROW : look === 'tiny' ? TINY : wide);
      await audit(page, look, name);
    }
    await page.emulateMedia({ colorScheme: this.#scheme });
    await page.setViewportSize(wide);
    assert.deepEqual(await this.#state(), state, `${name}: the page has stayed as it was`);
    const reports = await page.evaluate(() => window.cspReports);
    assert.deepEqual(reports, [], `${name}: Content-Security-Policy`);
    assert.deepEqual(this.#faults, [], name);
  }

  async #state(): Promise<string[]> {
    const words = this.page.locator('#verdict-title, #verdict-hint, #language-name, dialog[open] h2');
    return words.allTextContents();
  }

  async close(): Promise<void> {
    assert.deepEqual(this.#faults, []);
    // What a test holds back may still be on its way: cut off in the middle, it would fail the tests' file.
    await this.page.unrouteAll({ behavior: 'wait' });
    await this.page.context().close();
  }

  // What a person does

  async type(code: string): Promise<void> {
    await this.page.locator('.cm-content').focus();
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
    await this.page.locator('#language').click();
    // The field and the list are a layer that may still be on its way: what is typed before goes nowhere.
    await this.page.locator('#language-search:focus').waitFor();
    await this.page.keyboard.type(name);
    await this.page.locator('#language-list [role="option"]').filter({ hasText: name }).first().waitFor();
    await this.page.keyboard.press('Enter');
    await this.page
      .locator('#language-name')
      .filter({ hasText: new RegExp(`^${literally(name)}$`) })
      .waitFor();
  }

  /** The drawer of runs. */
  async openRuns(): Promise<void> {
    await this.page.locator('#runs-button').click();
    await this.page.locator('.runs li').first().waitFor();
  }

  async closeRuns(): Promise<void> {
    await this.page.locator('#runs-close').click();
  }

  /** What is offered behind "Details". */
  async details(): Promise<void> {
    const button = this.page.locator('#details-button');
    if ((await button.getAttribute('aria-expanded')) !== 'true') await button.click();
  }

  /** Turns to a theme by hand. */
  async theme(name: 'System' | 'Light' | 'Dark'): Promise<void> {
    await this.page.locator('#more').click();
    await this.page.getByText(name, { exact: true }).click();
    await this.page.keyboard.press('Escape');
  }

  /** Runs this code and waits for its ending. */
  async runs(code: string, title: string | RegExp): Promise<void> {
    await this.type(code);
    await this.#runs(title);
  }

  /** The same with an example of the menu. */
  async tries(example: string, title: string): Promise<void> {
    await this.example(example);
    await this.#runs(title);
  }

  /**
   * Not the ending of the run before, which may read the same: each has an address of its own. The address of the run before
   * goes when its code is edited, a moment after.
   */
  async #runs(title: string | RegExp): Promise<void> {
    const before = new URL(this.page.url()).hash;
    await this.run();
    await this.page.waitForFunction(
      (hash) => location.hash !== hash && location.hash.startsWith('#/run/'),
      before,
    );
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
    return this.#stream('stdout');
  }

  async stderr(): Promise<string> {
    return this.#stream('stderr');
  }

  /** Output is put on the page piece by piece, and may be so a moment after the verdict. */
  async #stream(name: string): Promise<string> {
    await this.page.waitForFunction(() => document.querySelector('#console [aria-busy]') === null);
    const all = await this.page.locator(`#console .stretch[data-stream="${name}"]`).allTextContents();
    return all.join('');
  }

  /** What the program said of its ending, as the page quotes it. */
  get said(): Locator {
    return this.page.locator('#verdict-said');
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

  /** The grammar of the language has come. */
  async coloured(): Promise<void> {
    await this.page.waitForFunction(() => {
      const spans =
        document.querySelector('#editor .code')?.shadowRoot?.querySelectorAll('.cm-line span') ?? [];
      return new Set([...spans].map((one) => getComputedStyle(one).color)).size > 1;
    });
  }

  async told(note: string): Promise<void> {
    // Read from the live region: the note on the screen goes after a while.
    const said = this.page.locator('#say').filter({ hasText: note });
    await said.waitFor({ state: 'attached' });
  }

  async clipboard(): Promise<string> {
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  /** Nothing has moved by itself since the page began to load: what one is about to click or read stays there. */
  async still(): Promise<void> {
    const moved = await this.page.evaluate(() => window.moved);
    assert.deepEqual(moved, [], 'layout shift');
  }

  /** Where everything is that has a place of its own. */
  async places(): Promise<string[]> {
    const fixed = this.page.locator('.pane, .bar, #run, #examples, #clear, #editor, #verdict, #console');
    return fixed.evaluateAll((all) =>
      all.map((one) => `${one.id || one.className} ${JSON.stringify(one.getBoundingClientRect())}`),
    );
  }

  /** Waits until the clock of a running program shows a second or more. */
  async ticked(): Promise<void> {
    await this.page
      .locator('.clock')
      .filter({ hasText: /^[1-9]\d*\.\d s \// })
      .waitFor();
  }

  /** Waits for the newest row of the history to read like this. */
  async newest(word: string): Promise<void> {
    const row = this.page.locator('.runs li:first-child .word');
    await row.filter({ hasText: new RegExp(`^${literally(word)}$`) }).waitFor({ state: 'attached' });
  }

  /** Drops files on the page, as a file manager does. */
  async drop(files: { name: string; bytes: Uint8Array }[]): Promise<void> {
    const { page } = this;
    const carried = files.map(({ name, bytes }) => ({ name, base64: Buffer.from(bytes).toString('base64') }));
    const data = await page.evaluateHandle((carried) => {
      const data = new DataTransfer();
      for (const { name, base64 } of carried) {
        const content = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
        data.items.add(new File([content], name));
      }
      return data;
    }, carried);
    await page.dispatchEvent('main', 'dragenter', { dataTransfer: data });
    assert.ok(await page.locator('#drop').isVisible(), 'one sees that files can be dropped');
    await page.dispatchEvent('main', 'drop', { dataTransfer: data });
    assert.ok(await page.locator('#drop').isHidden());
  }
}

function literally(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
