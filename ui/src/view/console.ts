/** The right-hand side: what happened in words, where the time went, and what the program wrote. */

import type { Execution, Limits } from '../contract.ts';
import { parseAnsi, type Segment } from '../logic/ansi.ts';
import { DARK, LIGHT, resolve } from '../logic/color.ts';
import * as format from '../logic/format.ts';
import { splitAtByte } from '../logic/gap.ts';
import type { Problem } from '../logic/problem.ts';
import { fromBase64 } from '../logic/request.ts';
import { progress, stages } from '../logic/stages.ts';
import { facts, stderrOf, type Tone, truncation, verdict } from '../logic/status.ts';
import { byteLength } from '../logic/text.ts';
import { copy, download } from './copy.ts';
import { byId, h, icon } from './dom.ts';
import { isDark } from './themes.ts';

export interface ConsoleEvents {
  copyLink: (id: string) => void;
  copyCurl: (execution: Execution) => void;
}

interface Action {
  word: string;
  run: () => void;
}

export class ConsoleView {
  readonly #events: ConsoleEvents;
  readonly #body = byId('console');
  #limits: Limits;
  #shown: Execution | undefined;
  #ticking = 0;
  #countdown = 0;

  constructor(limits: Limits, events: ConsoleEvents) {
    this.#limits = limits;
    this.#events = events;
    this.idle();
  }

  setLimits(limits: Limits): void {
    this.#limits = limits;
    if (!this.#shown && this.#ticking === 0)
      byId('track').querySelector('.facts')?.replaceWith(this.#limitFacts());
  }

  get shown(): Execution | undefined {
    return this.#shown;
  }

  /** Nothing has run. */
  idle(): void {
    this.#reset();
    this.#verdict('idle', 'Ready', 'Run the program to see what it writes.');
    this.#track(this.#limitFacts(), [], ['The stages of the time show here.']);
    this.#body.replaceChildren(h('p', { class: 'empty' }, 'No output yet.'));
  }

  /** A program runs: a clock, and a bar towards the time limit. */
  running(startedAt: number): void {
    this.#reset();
    const limit = this.#limits.timeout_seconds;
    this.#verdict('run', 'Running', 'In a fresh sandbox of its own.');
    byId('verdict').dataset.spin = '';
    const time = h('span', {}, format.clock(0));
    byId('verdict-side').replaceChildren(
      h(
        'p',
        { class: 'clock', role: 'timer', 'aria-label': 'Time running' },
        time,
        h('small', {}, ` / ${limit} s`),
      ),
    );
    const fill = h('i', { class: 'fill' });
    const note = h('span', {}, `Stopped after ${format.seconds(limit)} at the latest.`);
    const meter = this.#track(this.#limitFacts(), [fill], [note]);
    meter.setAttribute('role', 'progressbar');
    meter.setAttribute('aria-label', 'Time used of the time limit');
    meter.setAttribute('aria-valuemin', '0');
    meter.setAttribute('aria-valuemax', String(limit));
    this.#body.replaceChildren(h('p', { class: 'empty' }, 'What it writes shows when it has ended.'));

    const tick = () => {
      const elapsed = performance.now() - startedAt;
      time.textContent = format.clock(elapsed);
      fill.style.transform = `scaleX(${progress(elapsed, limit)})`;
      meter.setAttribute('aria-valuenow', String(Math.min(limit, Math.floor(elapsed / 1000))));
      if (elapsed > limit * 1000 + 1500) note.textContent = 'Over the limit: waiting for the answer.';
      this.#ticking = requestAnimationFrame(tick);
    };
    tick();
  }

  /** An execution that has ended, or one of the history. */
  show(execution: Execution, roundTripMs?: number): void {
    this.#reset();
    this.#shown = execution;
    const { tone, title, hint } = verdict(execution);
    this.#verdict(tone, title, hint);
    this.#timing(execution, roundTripMs);
    this.#streams(execution);
    this.#foot(execution);
  }

  /** There is no answer: why, and what to do. */
  problem(problem: Problem, action?: Action): void {
    this.#reset();
    this.#verdict('bad', problem.title, problem.detail);
    this.#track(
      this.#limitFacts(),
      [],
      [problem.requestId ? `Request ${problem.requestId}` : 'Nothing was run.'],
    );
    this.#body.replaceChildren(h('p', { class: 'empty' }, 'No output.'));
    if (action) this.#offer(action, problem.retryAfter);
  }

  /** The person stopped it. */
  cancelled(ranMs: number): void {
    this.#reset();
    this.#verdict('idle', 'Stopped by you', 'The sandbox and everything in it are gone.');
    this.#track(this.#limitFacts(), [], [`Stopped after ${format.milliseconds(ranMs)}.`]);
    this.#body.replaceChildren(h('p', { class: 'empty' }, 'What a stopped program wrote is not kept.'));
  }

  loading(): void {
    this.#reset();
    this.#verdict('idle', 'Loading', 'Fetching this execution.');
  }

  /** Light or dark: terminal colours are worked out anew. */
  themeChanged(): void {
    if (this.#shown) this.#streams(this.#shown);
  }

  #reset(): void {
    cancelAnimationFrame(this.#ticking);
    clearInterval(this.#countdown);
    this.#ticking = 0;
    this.#shown = undefined;
    delete byId('verdict').dataset.spin;
    byId('verdict-side').replaceChildren();
    byId('foot').replaceChildren();
  }

  #verdict(tone: Tone, title: string, hint: string): void {
    const box = byId('verdict');
    box.dataset.tone = tone;
    box.querySelector('.mark')?.replaceChildren(icon(tone));
    byId('verdict-title').textContent = title;
    byId('verdict-hint').textContent = hint;
  }

  #limitFacts(): HTMLElement {
    const { timeout_seconds, memory_mb } = this.#limits;
    return this.#facts([
      ['Time limit', format.seconds(timeout_seconds)],
      ['Memory limit', `${memory_mb} MB`],
      ['Network', 'none'],
      ['Files', 'read-only'],
    ]);
  }

  #facts(pairs: [string, string][]): HTMLElement {
    const rows = pairs.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)));
    return h('dl', { class: 'facts' }, ...rows);
  }

  #track(list: HTMLElement, bar: HTMLElement[], legend: (HTMLElement | string)[]): HTMLElement {
    const meter = h('div', { class: 'meter' }, ...bar);
    byId('track').replaceChildren(list, meter, h('div', { class: 'legend' }, ...legend));
    return meter;
  }

  #timing(execution: Execution, roundTripMs: number | undefined): void {
    const list = this.#facts(facts(execution));
    const timings = execution.timings_ms;
    if (!timings) {
      this.#track(list, [], ['From the history: its stages are not kept.']);
      return;
    }
    const parts = stages(timings);
    const bar = parts.map((part) => {
      const segment = h('i', { class: `stage-${part.key}` });
      segment.style.flexGrow = String(part.share);
      return segment;
    });
    const legend = parts.map((part) =>
      h('span', {}, h('i', { class: `stage-${part.key}` }), `${part.name} ${format.milliseconds(part.ms)}`),
    );
    const from = roundTripMs === undefined ? '' : `${format.milliseconds(roundTripMs)} from here`;
    byId('verdict-side').replaceChildren(
      h('p', { class: 'clock' }, format.milliseconds(timings.total), h('small', {}, ' in all')),
      h('p', { class: 'from' }, from),
    );
    const meter = this.#track(list, bar, legend);
    meter.setAttribute('role', 'img');
    const spoken = parts.map((part) => `${part.name} ${format.milliseconds(part.ms)}`).join(', ');
    meter.setAttribute('aria-label', `Where the time went: ${spoken}`);
  }

  #streams(execution: Execution): void {
    const stderr = stderrOf(execution);
    const blocks: HTMLElement[] = [];
    if (execution.output !== '' || stderr === '')
      blocks.push(this.#stream(execution, 'output', execution.output));
    if (stderr !== '') blocks.push(this.#stream(execution, 'error', stderr));
    this.#body.replaceChildren(...blocks);
    this.#body.scrollTop = 0;
  }

  #stream(execution: Execution, key: 'output' | 'error', text: string): HTMLElement {
    const base64 = execution[`${key}_base64`];
    const raw = base64 === undefined ? undefined : fromBase64(base64);
    const kept = raw?.length ?? byteLength(text);
    const total = execution.bytes?.[key] ?? kept;
    const cut = execution.truncated?.[key] ?? false;
    const [name, stream] = key === 'output' ? ['Output', 'stdout'] : ['Errors', 'stderr'];

    const head = h(
      'div',
      { class: 'stream-head' },
      h('h3', {}, name),
      h('span', { class: 'size' }, total > 0 ? `${stream} · ${format.bytes(total)}` : stream),
      h('span', { class: 'grow' }),
    );
    const block = h(
      'section',
      { class: 'stream', 'data-stream': stream, 'aria-label': `${name} (${stream})` },
      head,
    );
    const button = (word: string, label: string, run: () => void) =>
      head.append(
        h('button', { class: 'button quiet', type: 'button', 'aria-label': label, onclick: run }, word),
      );
    if (text !== '') button('Copy', `Copy ${name.toLowerCase()}`, () => void copy(text, `${name} copied.`));
    if (raw) {
      button('Download', `Download ${stream} as bytes`, () => download(`${execution.id}.${stream}.bin`, raw));
      block.append(
        h(
          'p',
          { class: 'cut' },
          'Not text: what no character stands for shows as �. Download the bytes as they are.',
        ),
      );
    } else if (cut) {
      const bytes = new TextEncoder().encode(text);
      button('Download', `Download what was kept of ${stream}`, () =>
        download(`${execution.id}.${stream}.txt`, bytes),
      );
    }
    if (cut) block.append(h('p', { class: 'cut' }, truncation(kept, total, execution.omitted?.[key])));

    const pre = h('pre', { tabindex: 0, role: 'group', 'aria-label': `${name}, text` });
    if (text === '') {
      pre.append(h('span', { class: 'nothing' }, 'Nothing was written.'));
      pre.removeAttribute('tabindex');
      pre.removeAttribute('role');
      pre.removeAttribute('aria-label');
    } else {
      const gap = execution.omitted?.[key];
      if (gap === undefined) pre.append(...paint(parseAnsi(text)));
      else {
        const [before, after] = splitAtByte(raw ?? new TextEncoder().encode(text), gap.after_bytes);
        const note = h('span', { class: 'gap' }, `${format.bytes(gap.bytes)} were not kept here`);
        pre.append(...paint(parseAnsi(before)), note, ...paint(parseAnsi(after)));
      }
    }
    block.append(pre);
    return block;
  }

  #foot(execution: Execution): void {
    const where = [execution.language, execution.sandbox?.image, execution.sandbox?.runtime]
      .filter(Boolean)
      .join(' · ');
    const bar = byId('foot');
    bar.replaceChildren(
      h('span', { class: 'where', title: execution.sandbox?.digest || undefined }, where),
      h('span', { class: 'grow' }),
    );
    const button = (word: string, run: () => void) =>
      bar.append(h('button', { class: 'button small quiet', type: 'button', onclick: run }, word));
    button('Copy as curl', () => this.#events.copyCurl(execution));
    if (execution.id) button('Copy link', () => this.#events.copyLink(execution.id));
  }

  /** A button for what to do next; when the server named a time, it counts down to it. */
  #offer(action: Action, retryAfter: number | undefined): void {
    const button = h('button', { class: 'button', type: 'button', onclick: action.run }, action.word);
    byId('verdict-side').replaceChildren(button);
    if (retryAfter === undefined) return;
    let left = retryAfter;
    const step = () => {
      button.disabled = left > 0;
      button.textContent = left > 0 ? `${action.word} in ${left} s` : action.word;
      if (left-- <= 0) clearInterval(this.#countdown);
    };
    step();
    this.#countdown = window.setInterval(step, 1000);
  }
}

function paint(segments: Segment[]): Node[] {
  const palette = isDark() ? DARK : LIGHT;
  return segments.map((segment) => {
    if ('control' in segment) return h('span', { class: 'ctl', title: segment.name }, segment.control);
    const { style, text } = segment;
    const classes = [
      style.bold && 'b',
      style.italic && 'i',
      style.underline && 'u',
      style.strike && 's',
    ].filter(Boolean);
    const { color, background } = resolve(style, palette);
    if (classes.length === 0 && !color) return document.createTextNode(text);
    const span = h('span', classes.length > 0 ? { class: classes.join(' ') } : {}, text);
    if (color) span.style.color = color;
    if (background) span.style.backgroundColor = background;
    return span;
  });
}
