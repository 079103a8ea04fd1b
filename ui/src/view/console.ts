/** The right-hand side: what happened in words, where the time went, and what the program wrote. */

import type { Execution, Limits } from '../contract.ts';
import * as format from '../logic/format.ts';
import type { Problem } from '../logic/problem.ts';
import { progress, stages } from '../logic/stages.ts';
import { facts, type Tone, verdict } from '../logic/status.ts';
import { byId, h, icon } from './dom.ts';
import { streams } from './streams.ts';

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
    this.#body.replaceChildren(...streams(execution));
    this.#body.scrollTop = 0;
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
