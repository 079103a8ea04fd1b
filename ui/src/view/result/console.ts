/** The right-hand side: what happened in words, and what the program wrote, left and was measured by. */

import type { Execution, Limits } from '../../contract.ts';
import * as format from '../../logic/format.ts';
import type { Place } from '../../logic/places.ts';
import type { Problem } from '../../logic/problem.ts';
import { progress } from '../../logic/stages.ts';
import { inShort, type Tone, type Verdict, verdict } from '../../logic/status.ts';
import { byId, h, icon, put } from '../page/dom.ts';
import { Details, type DetailsEvents } from './details.ts';
import { Output } from './output.ts';
import { remark, type Transcript } from './transcript.ts';
import { Views } from './views.ts';

export interface ConsoleEvents extends DetailsEvents {
  /** To a place that the output or the verdict names. */
  goTo: (place: Place) => void;
  /** To where the input is written. */
  giveInput: () => void;
  /** The names by which an output may call the program's own files. */
  files: () => string[];
  /** Makes what a test has written what it is to write; nothing where the tests may not be changed. */
  expect: () => ((n: number, output: string) => void) | undefined;
}

interface Action {
  word: string;
  run: () => void;
}

export class ConsoleView {
  readonly #events: ConsoleEvents;
  readonly #details: Details;
  readonly #output: Output;
  readonly #views = new Views();
  #limits: Limits;
  #shown: Execution | undefined;
  #ticking = 0;
  #countdown = 0;

  constructor(limits: Limits, events: ConsoleEvents) {
    this.#limits = limits;
    this.#events = events;
    this.#details = new Details(events);
    this.#output = new Output(this.#views, events);
    this.idle();
  }

  setLimits(limits: Limits): void {
    this.#limits = limits;
    if (this.#isIdle) this.idle();
  }

  #isIdle = true;

  get shown(): Execution | undefined {
    return this.#shown;
  }

  /** What was typed to the run that is shown. */
  get typed(): string {
    return this.#output.transcript?.text('typed') ?? '';
  }

  /** Whether a transcript of this run is shown. */
  shows(transcript: Transcript): boolean {
    return this.#output.transcript === transcript;
  }

  /** Nothing has run. */
  idle(): void {
    this.#reset();
    this.#isIdle = true;
    this.#verdict('idle', 'Ready', '');
    const { timeout_seconds, memory_mb } = this.#limits;
    const bounds = `Each run gets a sandbox of its own: ${format.seconds(timeout_seconds)}, ${memory_mb} MB, no network, files read-only.`;
    this.#output.empty(remark('Run the program to see what it writes.'), remark(bounds));
  }

  /** A program runs: a clock, a bar towards the time limit, and what it writes as it comes. */
  running(startedAt: number, limit: number, transcript: Transcript): void {
    this.#reset();
    this.#verdict('run', 'Running', '');
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
    const bar = byId('progress');
    const fill = h('i', { class: 'fill' });
    bar.replaceChildren(fill);
    bar.setAttribute('role', 'progressbar');
    bar.setAttribute('aria-label', 'Time used of the time limit');
    bar.setAttribute('aria-valuemin', '0');
    bar.setAttribute('aria-valuemax', String(limit));
    this.#output.live(transcript);
    const tick = () => {
      const elapsed = performance.now() - startedAt;
      const shown = format.clock(elapsed);
      if (time.textContent !== shown) time.textContent = shown;
      fill.style.transform = `scaleX(${progress(elapsed, limit)})`;
      bar.setAttribute('aria-valuenow', String(Math.min(limit, Math.floor(elapsed / 1000))));
      this.#ticking = requestAnimationFrame(tick);
    };
    tick();
  }

  /** Which of the two is at work: the compiler, or the program. */
  compiling(compiles: boolean): void {
    byId('verdict-title').textContent = compiles ? 'Compiling' : 'Running';
  }

  /** An execution that has ended, or one of the history; with the transcript where it was looked on at. */
  show(
    execution: Execution,
    { transcript, roundTripMs }: { transcript?: Transcript; roundTripMs?: number } = {},
  ): void {
    this.#reset();
    this.#shown = execution;
    const words = verdict(execution);
    this.#verdict(words.tone, words.title, words.hint, words);
    if (execution.status === 'running') byId('verdict').dataset.spin = '';
    byId('verdict-facts').textContent = inShort(execution);
    this.#details.show(execution, roundTripMs);
    this.#output.show(execution, transcript);
  }

  /** There is no answer: why, and what to do. What it had written stays. */
  problem(problem: Problem, action?: Action, transcript?: Transcript): void {
    this.#reset();
    this.#verdict('bad', problem.title, problem.detail);
    if (problem.requestId) this.#details.request(problem.requestId);
    if (transcript && !transcript.isEmpty) this.#output.live(transcript);
    else this.#output.empty(remark('No output.'));
    if (action) this.#offer(action, problem.retryAfter);
  }

  loading(): void {
    this.#reset();
    this.#verdict('idle', 'Loading', '');
    this.#output.empty();
  }

  /** Says that what is shown does not come from what stands beside it, and why. */
  pairing(words: string | undefined, stale: boolean): void {
    const note = byId('pairing');
    note.hidden = words === undefined;
    note.replaceChildren();
    if (words) put(note, words);
    byId('result').toggleAttribute('data-stale', stale);
  }

  #reset(): void {
    cancelAnimationFrame(this.#ticking);
    clearInterval(this.#countdown);
    this.#ticking = 0;
    this.#shown = undefined;
    this.#isIdle = false;
    delete byId('verdict').dataset.spin;
    byId('verdict-side').replaceChildren();
    byId('verdict-facts').textContent = '';
    const bar = byId('progress');
    bar.replaceChildren();
    for (const name of ['role', 'aria-label', 'aria-valuemin', 'aria-valuemax', 'aria-valuenow'])
      bar.removeAttribute(name);
    this.#details.hide();
    this.pairing(undefined, false);
  }

  #verdict(tone: Tone, title: string, hint: string, { said, wantsInput }: Partial<Verdict> = {}): void {
    const box = byId('verdict');
    box.dataset.tone = tone;
    box.querySelector('.mark')?.replaceChildren(icon(tone));
    const set = (id: string, ...children: (string | HTMLElement)[]) => {
      byId(id).replaceChildren();
      put(byId(id), ...children);
      byId(id).hidden = children.length === 0 || children[0] === '';
    };
    set('verdict-title', title);
    set('verdict-hint', wantsInput ? 'Your program asked for input and there was none.' : hint);
    const quote = said && h('q', { class: 'said' }, said.text);
    const place = said?.place;
    const go = place && (() => this.#events.goTo(place));
    const line = place && `${place.file}, line ${place.line}`;
    set(
      'verdict-said',
      ...(go && line ? [h('button', { class: 'place', type: 'button', onclick: go }, line), ' '] : []),
      ...(quote ? [quote] : []),
    );
    if (wantsInput) {
      const give = h(
        'button',
        { class: 'button small', type: 'button', onclick: this.#events.giveInput },
        'Give it input',
      );
      byId('verdict-hint').append(' ', give);
    }
    document.title = tone === 'idle' ? 'Safe Code Executor' : `${title} – Safe Code Executor`;
  }

  /** A button for what to do next; when the server named a time, it counts down to it. */
  #offer(action: Action, retryAfter: number | undefined): void {
    const button = h('button', { class: 'button small', type: 'button', onclick: action.run }, action.word);
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
