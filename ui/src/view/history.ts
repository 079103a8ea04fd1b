/** The drawer of runs. A click brings one back, the button beside it runs it again. */

import * as api from '../api.ts';
import type { Execution, RunRequest } from '../contract.ts';
import * as format from '../logic/format.ts';
import { ApiError } from '../logic/problem.ts';
import { label } from '../logic/status.ts';
import { firstLine } from '../logic/text.ts';
import { ownRuns } from '../store.ts';
import { byId, h, icon } from './page/dom.ts';

export interface HistoryEvents {
  open: (id: string) => void;
  again: (id: string) => void;
}

const FEW = 20;
/** The most the server gives. */
const MANY = 100;
const POLL_MS = 3000;

export class HistoryView {
  readonly #events: HistoryEvents;
  readonly #drawer = byId<HTMLDialogElement>('runs');
  readonly #body = byId('history');
  #runs: Execution[] | undefined;
  #limit = FEW;
  #current = '';
  #poll = 0;
  #asked = 0;
  /** Whether runs that were not started from this browser are listed too. */
  #all = false;

  constructor(events: HistoryEvents) {
    this.#events = events;
    byId('runs-close').addEventListener('click', () => this.#drawer.close());
    this.#drawer.addEventListener('click', (event) => {
      if (event.target === this.#drawer) this.#drawer.close();
    });
    byId('refresh').addEventListener('click', () => void this.refresh());
    this.#body.replaceChildren(h('p', {}, 'Loading…'));
    window.setInterval(() => this.#tellTime(), 20_000);
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden && this.#drawer.open) void this.refresh();
    });
  }

  /** Opens the drawer. */
  open(): void {
    if (!this.#drawer.open) this.#drawer.showModal();
    void this.refresh();
  }

  async refresh(): Promise<void> {
    clearTimeout(this.#poll);
    const turn = ++this.#asked;
    try {
      const runs = await api.history(this.#limit);
      if (turn !== this.#asked) return; // a later answer has come first
      this.#runs = runs;
      this.#render();
      // What runs elsewhere (a queue, another tab) is followed to its end, while somebody looks.
      const pending = runs.some((run) => run.status === 'running');
      if (pending && !document.hidden && this.#drawer.open)
        this.#poll = window.setTimeout(() => void this.refresh(), POLL_MS);
    } catch (error) {
      if (turn !== this.#asked || this.#runs) return; // an old list is better than none
      const detail = error instanceof ApiError ? error.problem.detail : '';
      this.#body.replaceChildren(h('p', {}, `The runs cannot be listed. ${detail}`));
    }
  }

  /** A run has ended here: it need not be asked for. */
  add(execution: Execution, request: RunRequest): void {
    const { program } = request;
    const code =
      program.kind === 'code' ? program.code : program.kind === 'files' ? (program.code ?? '') : program.name;
    const wall_ms = execution.usage?.wall_ms ?? null;
    const run = { ...execution, code, wall_ms, started_at: new Date().toISOString(), source: 'http' };
    this.#runs = [run, ...(this.#runs ?? []).filter(({ id }) => id !== run.id)];
    this.#mark(run);
    if (execution.id !== '') this.#render();
  }

  /** Marks the execution that is shown. */
  select(id: string): void {
    this.#current = id;
    for (const row of this.#body.querySelectorAll<HTMLElement>('li')) mark(row, id);
  }

  /** The newest outcome, as a sign on the button. */
  #mark(run: Execution): void {
    const { tone, word } = label(run);
    const sign = byId('runs-mark');
    sign.dataset.tone = tone;
    sign.hidden = false;
    sign.title = word;
  }

  #render(): void {
    const all = this.#runs ?? [];
    const own = new Set([...ownRuns(), this.#current]);
    const runs = this.#all ? all : all.filter(({ id }) => own.has(id));
    const others = all.length - all.filter(({ id }) => own.has(id)).length;
    const focused = focusedRow(this.#body);
    byId('runs-whose').textContent = this.#all
      ? 'All runs that this server shows you: also those of others.'
      : 'Runs from this browser.';
    const list = h('ol', { class: 'runs' }, ...runs.map((run) => this.#row(run)));
    const parts: HTMLElement[] = [
      runs.length === 0 ? h('p', {}, 'Your runs will be listed here, the newest first.') : list,
    ];
    const button = (words: string, act: () => void) => {
      const element = h('button', { class: 'button quiet small more', type: 'button' }, words);
      element.addEventListener('click', act);
      parts.push(element);
    };
    if (this.#limit < MANY && all.length >= this.#limit)
      button('Show more', () => {
        this.#limit = MANY;
        void this.refresh();
      });
    if (others > 0 || this.#all)
      button(this.#all ? 'Only from this browser' : `Show ${others} more that this server has`, () => {
        this.#all = !this.#all;
        this.#render();
      });
    this.#body.replaceChildren(...parts);
    if (focused) {
      list.querySelector<HTMLElement>(`li[data-id="${CSS.escape(focused.id)}"] ${focused.selector}`)?.focus();
    }
  }

  #row(run: Execution): HTMLElement {
    const { tone, word } = label(run);
    const line = firstLine(run.code ?? '') || '(no text)';
    const wall = run.wall_ms;
    const source = run.source && run.source !== 'http' ? run.source : '';
    const what = [run.language, wall !== undefined && wall !== null ? format.milliseconds(wall) : '', source];
    const when = h('time', { class: 'when', datetime: run.started_at });
    const go = (act: (id: string) => void) => () => {
      this.#drawer.close();
      act(run.id);
    };
    const open = h(
      'button',
      { class: 'open', type: 'button', onclick: go(this.#events.open) },
      h('span', { class: 'word', 'data-tone': tone }, word),
      when,
      h('span', { class: 'line-one' }, line),
      h('span', { class: 'what' }, what.filter(Boolean).join(' · ')),
    );
    const attributes = {
      class: 'again',
      type: 'button',
      title: 'Run again',
      'aria-label': `Run again: ${line}`,
    };
    const again = h('button', { ...attributes, onclick: go(this.#events.again) }, icon('again'));
    const row = h('li', { 'data-id': run.id }, open, again);
    tell(when, new Date());
    mark(row, this.#current);
    return row;
  }

  #tellTime(): void {
    const now = new Date();
    for (const when of this.#body.querySelectorAll<HTMLTimeElement>('time')) tell(when, now);
  }
}

function tell(when: HTMLTimeElement, now: Date): void {
  const then = new Date(when.dateTime);
  if (Number.isNaN(then.getTime())) return;
  when.textContent = format.ago(then, now);
  when.title = then.toLocaleString();
}

function mark(row: HTMLElement, current: string): void {
  if (row.dataset.id === current && current !== '') row.setAttribute('aria-current', 'true');
  else row.removeAttribute('aria-current');
}

function focusedRow(body: HTMLElement): { id: string; selector: string } | undefined {
  const active = document.activeElement;
  const id =
    active instanceof HTMLElement && body.contains(active) ? active.closest('li')?.dataset.id : undefined;
  if (!id || !active) return undefined;
  return { id, selector: active.classList.contains('again') ? '.again' : '.open' };
}
