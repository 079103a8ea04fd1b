/** What few ask for: figures, stages of the time, how a limit is known, the sandbox, and the command that does the same. */

import type { Execution } from '../../contract.ts';
import * as format from '../../logic/format.ts';
import { stages } from '../../logic/stages.ts';
import { facts } from '../../logic/status.ts';
import { byId, h } from '../page/dom.ts';

export interface DetailsEvents {
  copyLink: (id: string) => void;
  copyCurl: (execution: Execution) => void;
  /** A run that went well becomes a test. */
  useAsTest: (execution: Execution) => void;
}

export class Details {
  readonly #events: DetailsEvents;
  readonly #button = byId('details-button');
  readonly #panel = byId('details');
  #open = false;

  constructor(events: DetailsEvents) {
    this.#events = events;
    this.#button.addEventListener('click', () => {
      this.#open = !this.#open;
      this.#look();
    });
    this.hide();
  }

  hide(): void {
    this.#panel.replaceChildren();
    this.#look();
  }

  /** An answer that is none has a number by which it can be asked about. */
  request(id: string): void {
    this.#panel.replaceChildren(h('p', { class: 'where' }, `Request ${id}`));
    this.#look();
  }

  show(execution: Execution, roundTripMs: number | undefined): void {
    const rows = facts(execution).map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)));
    const { language, sandbox, limits } = execution;
    const where = [language, sandbox?.image, sandbox?.runtime].filter(Boolean).join(' · ');
    const actions = h('p', { class: 'actions' });
    const button = (word: string, run: () => void) =>
      actions.append(h('button', { class: 'button small', type: 'button', onclick: run }, word));
    button('Copy as curl', () => this.#events.copyCurl(execution));
    const whole = !execution.truncated?.output && execution.output_base64 === undefined;
    if (execution.status === 'completed' && !execution.tests && whole)
      button('Use as a test', () => this.#events.useAsTest(execution));
    if (execution.id) button('Copy link', () => this.#events.copyLink(execution.id));
    const bounds = limits && `Limits: ${format.seconds(limits.timeout_seconds)}, ${limits.memory_mb} MB.`;
    this.#panel.replaceChildren(
      h('dl', { class: 'facts' }, ...rows),
      ...this.#time(execution, roundTripMs),
      h('p', { class: 'where' }, where),
      ...(sandbox?.digest ? [h('p', { class: 'where digest' }, sandbox.digest)] : []),
      ...(bounds ? [h('p', { class: 'where' }, bounds)] : []),
      actions,
    );
    this.#look();
  }

  #time({ timings_ms }: Execution, roundTripMs: number | undefined): HTMLElement[] {
    if (!timings_ms)
      return [h('p', { class: 'legend' }, 'From the history: the stages of its time are not kept.')];
    const parts = stages(timings_ms);
    const bar = h('div', { class: 'meter', role: 'img' });
    for (const part of parts) {
      const segment = h('i', { class: `stage-${part.key}` });
      segment.style.flexGrow = String(part.share);
      bar.append(segment);
    }
    const spoken = parts.map((part) => `${part.name} ${format.milliseconds(part.ms)}`).join(', ');
    bar.setAttribute('aria-label', `Where the time went: ${spoken}`);
    const legend = parts.map((part) =>
      h('span', {}, h('i', { class: `stage-${part.key}` }), `${part.name} ${format.milliseconds(part.ms)}`),
    );
    const from = roundTripMs === undefined ? '' : `, ${format.milliseconds(roundTripMs)} from here`;
    const total = h('b', { class: 'total' }, `${format.milliseconds(timings_ms.total)} in all${from}`);
    return [bar, h('p', { class: 'legend' }, ...legend, total)];
  }

  #look(): void {
    const empty = this.#panel.childElementCount === 0;
    this.#button.hidden = empty;
    this.#button.setAttribute('aria-expanded', String(this.#open && !empty));
    this.#panel.hidden = !this.#open || empty;
  }
}
