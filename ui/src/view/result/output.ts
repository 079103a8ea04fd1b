/** What a program wrote, with the ways to look at it and to take it along. */

import type { Execution } from '../../contract.ts';
import { fromBase64 } from '../../logic/bytes.ts';
import * as format from '../../logic/format.ts';
import { splitAtByte } from '../../logic/output/gap.ts';
import { inert } from '../../logic/output/special.ts';
import type { Place } from '../../logic/places.ts';
import { stderrOf, truncation } from '../../logic/status.ts';
import { byteLength } from '../../logic/text.ts';
import { copy, download } from '../page/copy.ts';
import { byId, h } from '../page/dom.ts';
import { isNarrow } from '../page/shell.ts';
import { colours } from './paint.ts';
import type { Source } from './section.ts';
import { remark, Transcript } from './transcript.ts';
import type { Views } from './views.ts';

interface OutputEvents {
  goTo: (place: Place) => void;
  files: () => string[];
  expect: () => ((n: number, output: string) => void) | undefined;
}

export class Output {
  readonly #events: OutputEvents;
  readonly #views: Views;
  readonly #body = byId('console');
  #transcript: Transcript | undefined;
  #execution: Execution | undefined;
  /** Whether the end is followed as it grows. */
  #follows = true;
  #missed = 0;
  /** Lines that come into sight turn out to be of another height than was thought. */
  readonly #growing = new ResizeObserver(() => {
    if (this.#execution === undefined && this.#follows) this.#toEnd();
  });

  constructor(views: Views, events: OutputEvents) {
    this.#views = views;
    this.#events = events;
    document.adoptedStyleSheets.push(colours);
    this.#setUpFollowing();
    byId('raw').addEventListener('click', () => {
      const raw = byId('raw').getAttribute('aria-pressed') !== 'true';
      byId('raw').setAttribute('aria-pressed', String(raw));
      this.#transcript?.setRaw(raw);
    });
    byId('copy').addEventListener('click', () => void this.#copy());
    byId('filter').addEventListener('change', () => {
      const chosen = document.querySelector<HTMLInputElement>('input[name="filter"]:checked');
      this.#body.dataset.filter = chosen?.value ?? 'all';
    });
  }

  /** The end is followed until the reader goes up, and again when the reader comes back to it. */
  #setUpFollowing(): void {
    const leave = () => {
      this.#follows = false;
    };
    this.#body.addEventListener('wheel', ({ deltaY }) => deltaY < 0 && leave(), { passive: true });
    this.#body.addEventListener('touchmove', leave, { passive: true });
    this.#body.addEventListener('pointerdown', ({ target }) => target === this.#body && leave());
    this.#body.addEventListener('keydown', ({ key }) => {
      if (['ArrowUp', 'PageUp', 'Home'].includes(key)) leave();
    });
    const back = () => {
      const { scrollTop, scrollHeight, clientHeight } = this.#scroller();
      if (scrollTop + clientHeight < scrollHeight - 24) return;
      this.#follows = true;
      this.#newest(0);
    };
    this.#body.addEventListener('scroll', back, { passive: true });
    addEventListener('scroll', back, { passive: true });
    byId('newest').addEventListener('click', () => {
      this.#follows = true;
      this.#newest(0);
      this.#toEnd();
    });
  }

  /** Where there is room for one pane the page itself scrolls. */
  #scroller(): Element {
    return isNarrow() ? (document.scrollingElement ?? this.#body) : this.#body;
  }

  #toEnd(): void {
    const box = this.#scroller();
    box.scrollTop = box.scrollHeight;
  }

  get transcript(): Transcript | undefined {
    return this.#transcript;
  }

  /** Nothing to show, but perhaps something to say. */
  empty(...words: HTMLElement[]): void {
    this.#take(undefined, undefined);
    this.#body.replaceChildren(...words);
    this.#views.offer([], 'output');
  }

  /** What comes of a running program. */
  live(transcript: Transcript): void {
    this.#take(transcript, undefined);
    const waits = remark('Nothing has been written yet.');
    waits.hidden = !transcript.isEmpty;
    this.#lay(transcript, waits);
    this.#growing.disconnect();
    this.#growing.observe(transcript.element);
    this.#follows = true;
    let { lines } = transcript;
    transcript.element.addEventListener('grown', () => {
      if (this.#transcript !== transcript) return;
      waits.hidden = true;
      if (this.#follows) this.#toEnd();
      if (!this.#follows) this.#newest(this.#missed + transcript.lines - lines);
      lines = transcript.lines;
      this.#tools();
    });
    this.#tools();
    this.#views.offer([], 'output');
  }

  /** What an execution wrote; the transcript where it has all of it. */
  show(execution: Execution, live: Transcript | undefined): void {
    const whole = live && isWhole(execution, live) ? live : undefined;
    const transcript = whole ?? this.#recorded(execution);
    this.#take(transcript, execution);
    const notes = (['output', 'error'] as const).flatMap((key) => this.#note(execution, key));
    const silent = transcript.isEmpty && execution.status !== 'running' && !execution.tests;
    this.#lay(
      transcript,
      ...notes,
      ...this.#compiler(execution),
      ...(silent ? [h('p', { class: 'empty nothing' }, 'Nothing was written.')] : []),
    );
    transcript.end();
    if (!whole) this.#body.scrollTop = 0;
    this.#tools();
    void this.#offer(execution);
  }

  /** Puts a transcript in its place, and these before it. One that is there already is not moved: it may be long. */
  #lay({ element }: Transcript, ...before: HTMLElement[]): void {
    if (element.parentNode !== this.#body) this.#body.replaceChildren(element);
    for (const other of [...this.#body.children]) if (other !== element) other.remove();
    element.before(...before);
  }

  async #offer(execution: Execution): Promise<void> {
    const views: Parameters<Views['offer']>[0] = [['output', 'Output']];
    let first: 'output' | 'tests' | 'files' = 'output';
    if (execution.tests) {
      const { showTests } = await import('./tests.ts');
      if (this.#execution !== execution) return;
      showTests(byId('tests-result'), execution, this.#events);
      const { passed = 0, failed = 0, skipped = 0 } = execution.summary ?? {};
      views.push(['tests', `Tests ${passed}/${passed + failed + skipped}`]);
      first = 'tests';
    }
    if (execution.files || execution.files_omitted) {
      const { showFiles } = await import('./files.ts');
      if (this.#execution !== execution) return;
      showFiles(byId('files-result'), execution, this.#body);
      views.push([
        'files',
        `Files ${(execution.files?.length ?? 0) + (execution.files_omitted?.length ?? 0)}`,
      ]);
    }
    this.#views.offer(views, first);
  }

  #take(transcript: Transcript | undefined, execution: Execution | undefined): void {
    this.#transcript = transcript;
    this.#execution = execution;
    this.#newest(0);
    byId('raw').setAttribute('aria-pressed', String(transcript?.raw ?? false));
    this.#tools();
  }

  #tools(): void {
    const transcript = this.#transcript;
    const empty = !transcript || transcript.isEmpty;
    byId('raw').hidden = empty;
    byId('copy').hidden = empty;
    const both = transcript?.has('stdout') && transcript.has('stderr');
    byId('filter').hidden = !both;
    if (!both) {
      delete this.#body.dataset.filter;
      const all = document.querySelector<HTMLInputElement>('input[name="filter"][value="all"]');
      if (all) all.checked = true;
    }
  }

  /** What is copied is what is read: without the controls of colours, and with every other one by its name. */
  async #copy(): Promise<void> {
    const filter = this.#body.dataset.filter;
    const sources: Source[] =
      filter === 'stdout' || filter === 'stderr' ? [filter] : ['stdout', 'stderr', 'typed'];
    const text = this.#transcript?.text(...sources) ?? '';
    await copy(inert(text.replaceAll('\r\n', '\n')), 'Output copied.');
  }

  #newest(lines: number): void {
    this.#missed = lines;
    const button = byId('newest');
    button.hidden = lines <= 0;
    button.textContent = lines === 1 ? '↓ 1 new line' : `↓ ${format.count(lines)} new lines`;
  }

  #recorded(execution: Execution): Transcript {
    const transcript = new Transcript({ files: this.#events.files(), go: this.#events.goTo });
    for (const key of ['output', 'error'] as const) {
      const source = key === 'output' ? 'stdout' : 'stderr';
      const text = key === 'output' ? execution.output : stderrOf(execution);
      const gap = execution.omitted?.[key];
      if (gap === undefined) transcript.write(source, text);
      else {
        const [before, after] = splitAtByte(
          rawOf(execution, key) ?? new TextEncoder().encode(text),
          gap.after_bytes,
        );
        transcript.write(source, before);
        transcript.gap(source, `${format.bytes(gap.bytes)} were not kept here`);
        transcript.write(source, after);
      }
    }
    return transcript;
  }

  /** What is to be known of a stream before it is read: that some of it is missing, or that it is no text. */
  #note(execution: Execution, key: 'output' | 'error'): HTMLElement[] {
    const stream = key === 'output' ? 'stdout' : 'stderr';
    const text = key === 'output' ? execution.output : stderrOf(execution);
    const raw = rawOf(execution, key);
    const cut = execution.truncated?.[key] ?? false;
    if (text === '' || (!raw && !cut)) return [];
    const kept = raw?.length ?? byteLength(text);
    const total = execution.bytes?.[key] ?? kept;
    const words = [
      raw && 'Not text: what no character stands for shows as �.',
      cut && truncation(kept, total, execution.omitted?.[key]),
    ].filter(Boolean);
    const bytes = raw ?? (new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>);
    const label = raw ? `Download ${stream} as bytes` : `Download what was kept of ${stream}`;
    const save = () => download(`${execution.id}.${stream}.${raw ? 'bin' : 'txt'}`, bytes);
    const button = h('button', { class: 'button small', type: 'button', onclick: save }, label);
    return [
      h('div', { class: 'cut', 'data-of': stream }, h('span', {}, `${stream}: ${words.join(' ')}`), button),
    ];
  }

  /** The compiler's words, in a section of their own: open where they are the reason, or warn. */
  #compiler({ compile, status }: Execution): HTMLElement[] {
    if (!compile) return [];
    const words = [compile.error, compile.output].filter((text) => text !== '').join('\n');
    if (words === '') return [];
    const said = new Transcript({ files: this.#events.files(), go: this.#events.goTo });
    said.write('compiler', words);
    said.end();
    const failed = status === 'compile_error';
    const title = failed ? 'Compiler' : 'Compiler: warnings';
    return [h('details', { class: 'compiler', open: true }, h('summary', {}, title), said.element)];
  }
}

/** The bytes of a stream, where they are no text. */
function rawOf(execution: Execution, key: 'output' | 'error'): Uint8Array<ArrayBuffer> | undefined {
  const base64 = execution[`${key}_base64`];
  return base64 === undefined ? undefined : fromBase64(base64);
}

/** Whether what was seen while it ran is all that it wrote, as text. */
function isWhole(execution: Execution, live: Transcript): boolean {
  const { truncated, output_base64, error_base64, omitted, output } = execution;
  if (truncated?.output || truncated?.error || omitted) return false;
  if (output_base64 !== undefined || error_base64 !== undefined) return false;
  return (
    live.text('stdout').length === output.length && live.text('stderr').length === stderrOf(execution).length
  );
}
