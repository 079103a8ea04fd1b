/** The caller's last executions. A click brings one back, the button beside it runs it again. */

import * as api from '../api.ts';
import type { Execution } from '../contract.ts';
import * as format from '../logic/format.ts';
import { ApiError } from '../logic/problem.ts';
import { label } from '../logic/status.ts';
import { firstLine } from '../logic/text.ts';
import { byId, h, icon } from './dom.ts';

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
  readonly #body = byId('history');
  #runs: Execution[] | undefined;
  #limit = FEW;
  #current = '';
  #poll = 0;
  #asked = 0;

  constructor(events: HistoryEvents) {
    this.#events = events;
    byId('refresh').addEventListener('click', () => void this.refresh());
    this.#body.replaceChildren(h('p', {}, 'Loading…'));
    window.setInterval(() => this.#tellTime(), 20_000);
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) void this.refresh();
    });
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
      if (pending && !document.hidden) this.#poll = window.setTimeout(() => void this.refresh(), POLL_MS);
    } catch (error) {
      if (turn !== this.#asked || this.#runs) return; // an old list is better than none
      const detail = error instanceof ApiError ? error.problem.detail : '';
      this.#body.replaceChildren(h('p', {}, `The history cannot be shown. ${detail}`));
    }
  }

  /** Marks the execution that is shown. */
  select(id: string): void {
    this.#current = id;
    for (const row of this.#body.querySelectorAll<HTMLElement>('li')) mark(row, id);
  }

  #render(): void {
    const runs = this.#runs ?? [];
    if (runs.length === 0) {
      this.#body.replaceChildren(h('p', {}, 'Your runs will be listed here, the newest first.'));
      return;
    }
    const focused = focusedRow(this.#body);
    const list = h('ol', { class: 'runs' }, ...runs.map((run) => this.#row(run)));
    const more = h('button', { class: 'button quiet small more', type: 'button' }, 'Show more');
    more.addEventListener('click', () => {
      this.#limit = MANY;
      void this.refresh();
    });
    const canHaveMore = this.#limit < MANY && runs.length >= this.#limit;
    this.#body.replaceChildren(list, ...(canHaveMore ? [more] : []));
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
    const open = h(
      'button',
      { class: 'open', type: 'button', onclick: () => this.#events.open(run.id) },
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
    const again = h('button', { ...attributes, onclick: () => this.#events.again(run.id) }, icon('again'));
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
