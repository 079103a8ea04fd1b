/**
 * `<run-code>`: a code block of another page that can be run. It asks for nothing more before the first run, keeps
 * nothing in the host page's storage, and needs no more of its policy than to fetch from the server (docs/EMBED.md).
 */

import type { Execution, LeftFile, RunRequest } from '../contract.ts';
import type { LiveRun } from '../live.ts';
import { h, put } from '../view/page/dom.ts';
import type { Transcript } from '../view/result/transcript.ts';
import { CodeBlock } from './code.ts';
import { dedent, type Harness, shownLine, whole } from './harness.ts';
import { looks } from './looks.ts';

/** The server is the one that this file comes from. */
const base = new URL('../', import.meta.url).href;
/** Comes with the first run. */
const engine = () => import('./engine.ts');
type Engine = Awaited<ReturnType<typeof engine>>;

/** Elements of a page run one after the other. */
let line: Promise<unknown> = Promise.resolve();

const PICTURE = /^image\/(png|jpeg|gif|webp|svg\+xml)$/;

class RunCode extends HTMLElement {
  readonly #root = this.attachShadow({ mode: 'open' });
  readonly #block = new CodeBlock(this);
  #built = false;
  #first = '';
  #stdin: string | undefined;
  #result: Execution | undefined;
  #run: LiveRun | undefined;
  readonly #button = h('button', { class: 'run', type: 'button', part: 'run' }, '▶ Run');
  readonly #verdict = h('span', { class: 'verdict', role: 'status' });
  readonly #output = h('div', {
    class: 'output',
    part: 'output',
    role: 'log',
    'aria-live': 'off',
    'aria-label': 'Output',
    tabindex: 0,
    hidden: true,
  });
  readonly #all = h('button', { type: 'button', hidden: true }, 'Show all');
  readonly #typed = h('textarea', {
    rows: 1,
    'aria-label': 'To the program',
    spellcheck: 'false',
    autocapitalize: 'off',
  });
  readonly #typing = h('form', { hidden: true }, this.#typed, h('button', { type: 'submit' }, 'Send'));

  connectedCallback(): void {
    if (this.#built) return;
    this.#built = true;
    this.#root.adoptedStyleSheets = [looks];
    const reset = h('button', { type: 'button', onclick: () => this.reset() }, 'Reset');
    reset.hidden = !this.hasAttribute('editable');
    const open = h('button', { type: 'button', onclick: () => void this.#open() }, '↗ Open');
    const end = h('button', { type: 'button', onclick: () => this.#endInput() }, 'End input');
    this.#typing.append(end);
    const bar = h('div', { class: 'bar', part: 'bar' }, this.#button, reset, open, this.#verdict);
    this.#root.append(this.#block.element, bar, this.#output, this.#all, this.#typing);
    this.#button.addEventListener('click', () => (this.#run ? this.stop() : void this.run().catch(() => {})));
    this.#all.addEventListener('click', () => {
      this.#output.classList.add('all');
      this.#all.hidden = true;
    });
    this.#typing.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#typed.addEventListener('keydown', (event) => this.#key(event));
    this.#first = this.code;
    if (this.hasAttribute('editable')) this.#block.open();
  }

  // What a page may read and say

  get code(): string {
    return this.#block.text;
  }

  set code(text: string) {
    this.#block.text = text;
  }

  /** What the program reads; `undefined`: it is typed while it runs. */
  get stdin(): string | undefined {
    return this.#stdin ?? this.getAttribute('stdin') ?? undefined;
  }

  set stdin(text: string | undefined) {
    this.#stdin = text;
  }

  /** The last answer of the server, as the contract has it. */
  get result(): Execution | undefined {
    return this.#result;
  }

  /** Runs it when those before it have ended; done when it has ended. */
  async run(): Promise<Execution | undefined> {
    const turn = line.then(() => this.#now());
    line = turn.catch(() => {});
    this.#say('Waiting for its turn…');
    return await turn;
  }

  stop(): void {
    this.#run?.stop();
  }

  /** Brings back the code as the page had it. */
  reset(): void {
    this.stop();
    this.code = this.#first;
    this.#say('');
    this.#output.hidden = true;
    this.#all.hidden = true;
  }

  // Running

  async #now(): Promise<Execution | undefined> {
    const { ApiError, colours, LiveRun, Stopped, Transcript, ...words } = await engine();
    const sheets = this.#root.adoptedStyleSheets;
    if (!sheets.includes(colours)) this.#root.adoptedStyleSheets = [...sheets, colours];
    const request = this.#request(words);
    const harness = this.#harness();
    const shown = this.code;
    const transcript = new Transcript({
      files: [],
      go: () => {},
    });
    const run = new LiveRun(base, request, {
      accepted: () => this.#offerTyping(run, transcript),
      output: (stream, text) => {
        transcript.write(stream, text);
        this.#output.hidden = false;
        this.#tell('run-output', { stream, text });
      },
      gap: (stream, bytes) => transcript.gap(stream, `${bytes} bytes are not shown here`),
    });
    this.#run = run;
    this.#button.textContent = '■ Stop';
    this.#say('Running…');
    this.#output.replaceChildren(transcript.element);
    this.#output.classList.remove('all');
    this.#output.hidden = true;
    this.#all.hidden = true;
    this.#tell('run-start', { code: shown });
    try {
      const result = await run.result();
      this.#result = result;
      transcript.end();
      await transcript.settled();
      this.#show(result, shown, harness, words);
      return result;
    } catch (error) {
      if (error instanceof Stopped) this.#say('Stopped.');
      else if (error instanceof ApiError) this.#say(error.message);
      else throw error;
      return undefined;
    } finally {
      this.#run = undefined;
      this.#button.textContent = '▶ Run';
      this.#typing.hidden = true;
      this.#all.hidden = this.#output.scrollHeight <= this.#output.clientHeight + 1;
      this.#tell('run-end', { result: this.#result });
    }
  }

  #request({ splitWords }: Pick<Engine, 'splitWords'>): RunRequest {
    const { stdin } = this;
    const split = splitWords(this.getAttribute('args') ?? '');
    const tests = this.#tests();
    return {
      language: this.getAttribute('language') ?? 'python',
      stdin: stdin ?? '',
      live: stdin === undefined && !tests,
      args: 'words' in split ? split.words : [],
      program: { kind: 'code', code: whole(this.code, this.#harness()) },
      ...(tests ? { tests } : {}),
      ...(this.hasAttribute('files') ? { collect: true } : {}),
    };
  }

  #harness(): Harness {
    const text = (name: string) => {
      const template = this.querySelector<HTMLTemplateElement>(`template[slot="${name}"]`);
      return template ? dedent(template.content.textContent ?? '') : '';
    };
    return { before: text('before'), after: text('after') };
  }

  /** Test cases, as JSON in an element that the attribute names by a selector. */
  #tests(): RunRequest['tests'] {
    const selector = this.getAttribute('tests');
    const source = selector ? document.querySelector(selector) : null;
    if (!source) return undefined;
    const text = source instanceof HTMLTemplateElement ? source.content.textContent : source.textContent;
    const list = JSON.parse(text ?? '[]') as { name?: string; stdin?: string; expected_output?: string }[];
    const cases = list.map(({ name = '', stdin = '', expected_output: expected = '' }) => ({
      name,
      stdin,
      expected,
      hidden: false,
    }));
    return { cases, compare: 'lines' };
  }

  #show(
    result: Execution,
    shown: string,
    harness: Harness,
    { verdict, testWord }: Pick<Engine, 'verdict' | 'testWord'>,
  ): void {
    const { title, hint, said } = verdict(result);
    this.#output.hidden = false;
    const good = result.status === 'completed' && !result.usage?.oom_kills;
    const at = said?.place && shownLine(said.place.line, shown, harness);
    this.#verdict.replaceChildren();
    if (!good || result.tests) {
      put(
        this.#verdict,
        result.tests ? '' : title,
        hint && ` ${hint}`,
        at ? ` Line ${at}: ` : ' ',
        said ? h('q', {}, said.text) : '',
      );
    }
    if (result.summary)
      put(this.#verdict, `${result.summary.passed} of ${result.tests?.length ?? 0} tests passed.`);
    if (result.tests) {
      const rows = result.tests.map(({ name, verdict, difference }) => {
        const where = difference
          ? `: line ${difference.line} is “${difference.got}”, not “${difference.expected}”`
          : '';
        return h('li', {}, `${verdict === 'passed' ? '✓' : '✗'} ${name} ${testWord(verdict)}${where}`);
      });
      this.#output.replaceChildren(h('ol', {}, ...rows));
    } else if (result.output === '' && result.error === '') this.#output.hidden = true;
    for (const file of result.files ?? []) {
      if (PICTURE.test(file.media_type)) this.#output.append(picture(file));
    }
  }

  #offerTyping(run: LiveRun, transcript: Transcript): void {
    if (!run.canType) return;
    this.#output.hidden = false;
    this.#typing.hidden = false;
    this.#send = (text = `${this.#typed.value}\n`) => {
      transcript.write('typed', text);
      run.type(text);
      this.#typed.value = '';
      this.#typed.focus();
    };
    this.#endInput = () => {
      run.endInput();
      this.#typing.hidden = true;
    };
  }

  #send: (text?: string) => void = () => {};
  #endInput: () => void = () => {};

  #key(event: KeyboardEvent): void {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#send();
    } else if (event.key === 'd' && event.ctrlKey) {
      event.preventDefault();
      this.#endInput();
    }
  }

  // Around it

  async #open(): Promise<void> {
    const { toFragment } = await engine();
    const tests = this.#tests();
    const fragment = await toFragment({
      language: this.getAttribute('language') ?? 'python',
      code: whole(this.code, this.#harness()),
      stdin: this.stdin ?? '',
      args: this.getAttribute('args') ?? '',
      files: [],
      entry: '',
      ...(tests ? { tests } : {}),
    });
    window.open(`${base}ui${fragment}`, '_blank', 'noopener');
  }

  #say(words: string): void {
    this.#verdict.replaceChildren();
    put(this.#verdict, words);
  }

  #tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }
}

function picture({ name, media_type, content }: LeftFile): HTMLElement {
  const image = h('img', { alt: name });
  image.src = `data:${media_type};base64,${content}`;
  return image;
}

if (!customElements.get('run-code')) customElements.define('run-code', RunCode);
