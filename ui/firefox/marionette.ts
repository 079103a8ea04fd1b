/**
 * Firefox as it is installed, driven over Marionette, its own remote protocol: length-prefixed JSON over a socket. Playwright
 * drives a Firefox of its own making only, and its way over WebDriver BiDi asks for commands that Debian's does not know.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_WITHIN_MS = 60_000;
const PATIENCE_MS = Number(process.env.SCE_UI_PATIENCE_MS ?? 60_000);

/** A port of the browser's choosing, no first-run pages, and nothing asked for on the way. */
const PREFERENCES = `
user_pref("marionette.port", 0);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("ui.prefersReducedMotion", 1);
`;

/** Keys by their names in WebDriver. */
export const KEYS = { control: '\uE009', enter: '\uE007', escape: '\uE00C', tab: '\uE004', end: '\uE010' };

export class Firefox {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, { done: (value: unknown) => void; fail: (error: Error) => void }>();
  #received = Buffer.alloc(0);
  #last = 0;

  private constructor(process: ChildProcess, profile: string, socket: Socket) {
    this.#process = process;
    this.#profile = profile;
    this.#socket = socket;
    socket.on('data', (data) => this.#take(data));
  }

  static async start(): Promise<Firefox> {
    const profile = mkdtempSync(join(tmpdir(), 'sce-firefox-'));
    writeFileSync(join(profile, 'user.js'), PREFERENCES);
    const binary = process.env.FIREFOX ?? 'firefox-esr';
    const args = [
      '--headless',
      '--no-remote',
      '--marionette',
      '-remote-allow-system-access',
      '--profile',
      profile,
    ];
    const child = spawn(binary, args, { stdio: 'ignore' });
    process.once('exit', () => child.kill('SIGKILL'));
    const file = join(profile, 'MarionetteActivePort');
    const until = Date.now() + START_WITHIN_MS;
    while (!existsSync(file) || readFileSync(file, 'utf8') === '') {
      if (Date.now() > until || child.exitCode !== null) throw new Error(`${binary} did not start`);
      await pause(100);
    }
    const socket = connect(Number(readFileSync(file, 'utf8')), '127.0.0.1');
    await once(socket, 'connect');
    const firefox = new Firefox(child, profile, socket);
    await firefox.#call('WebDriver:NewSession', {});
    return firefox;
  }

  async close(): Promise<void> {
    this.#socket.destroy();
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await gone;
    rmSync(this.#profile, { recursive: true, force: true });
  }

  async open(url: string): Promise<void> {
    await this.#call('WebDriver:Navigate', { url });
  }

  async reload(): Promise<void> {
    await this.#call('WebDriver:Refresh', {});
  }

  async size(width: number, height: number): Promise<void> {
    await this.#call('WebDriver:SetWindowRect', { width, height });
  }

  /** What this expression is in the page. `find` looks into the editor's shadow root too. */
  async see<T>(expression: string): Promise<T> {
    const script = `
      const editor = () => document.querySelector('#editor .code')?.shadowRoot;
      const find = (selector) => document.querySelector(selector) ?? editor()?.querySelector(selector) ?? null;
      return ${expression};`;
    return (await this.#value('WebDriver:ExecuteScript', { script, args: [] })) as T;
  }

  /** Waits until this expression is true in the page. */
  async until(expression: string): Promise<void> {
    for (const end = Date.now() + PATIENCE_MS; !(await this.see<boolean>(`Boolean(${expression})`)); ) {
      if (Date.now() > end) {
        const shown = await this.see<string>("document.querySelector('#result').innerText");
        throw new Error(`waited for ${expression}; the result is "${shown}"`);
      }
      await pause(50);
    }
  }

  async click(selector: string): Promise<void> {
    await this.until(`find('${selector}')`);
    const element = await this.#value('WebDriver:FindElement', { using: 'css selector', value: selector });
    const [id] = Object.values(element as Record<string, string>);
    await this.#call('WebDriver:ElementClick', { id });
  }

  /** Types to whatever has the focus. */
  async type(text: string): Promise<void> {
    await this.#keys([...text].flatMap((value) => [down(value), up(value)]));
  }

  /** Presses these keys together. */
  async press(...keys: string[]): Promise<void> {
    await this.#keys([...keys.map(down), ...[...keys].reverse().map(up)]);
  }

  /** What the browser has complained of in pages of this origin: policies, and errors that nobody caught. */
  async complaints(origin: string): Promise<string[]> {
    await this.#call('Marionette:SetContext', { value: 'chrome' });
    const script = `return Services.console.getMessageArray()
      .filter((one) => one instanceof Ci.nsIScriptError && String(one.sourceName).startsWith(arguments[0]))
      .filter((one) => /CSP|Content Security Policy/i.test(one.category) || one.category === 'content javascript')
      .map((one) => one.category + ': ' + one.errorMessage);`;
    const found = await this.#value('WebDriver:ExecuteScript', { script, args: [origin] });
    await this.#call('Marionette:SetContext', { value: 'content' });
    return found as string[];
  }

  async #keys(actions: object[]): Promise<void> {
    await this.#call('WebDriver:PerformActions', { actions: [{ type: 'key', id: 'keys', actions }] });
  }

  async #value(command: string, parameters: object): Promise<unknown> {
    return ((await this.#call(command, parameters)) as { value: unknown }).value;
  }

  #call(command: string, parameters: object): Promise<unknown> {
    const id = ++this.#last;
    const message = JSON.stringify([0, id, command, parameters]);
    this.#socket.write(`${Buffer.byteLength(message)}:${message}`);
    return new Promise((done, fail) => this.#waiting.set(id, { done, fail }));
  }

  #take(data: Buffer): void {
    this.#received = Buffer.concat([this.#received, data]);
    for (;;) {
      const colon = this.#received.indexOf(':');
      const length = Number(this.#received.subarray(0, Math.max(0, colon)).toString());
      if (colon < 0 || this.#received.length < colon + 1 + length) return;
      const message = this.#received.subarray(colon + 1, colon + 1 + length).toString();
      this.#received = this.#received.subarray(colon + 1 + length);
      const answer = JSON.parse(message) as unknown;
      if (!Array.isArray(answer)) continue; // its greeting
      const [, id, error, result] = answer as [number, number, { message: string } | null, unknown];
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) waiting?.fail(new Error(error.message));
      else waiting?.done(result);
    }
  }
}

function down(value: string): object {
  return { type: 'keyDown', value };
}

function up(value: string): object {
  return { type: 'keyUp', value };
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
