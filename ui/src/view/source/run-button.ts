/** One button that runs and stops, in one place, so that nothing moves and the focus stays; and one that runs the tests. */

import { byId, hasMod, icon, modKey } from '../page/dom.ts';

/** A run that ends sooner than this never shows "Stop": a flicker is not information. */
const SHOW_STOP_AFTER_MS = 180;
/** A second click of a double click is not meant to stop. */
const IGNORE_CLICKS_MS = 400;

export interface RunEvents {
  run: () => void;
  runTests: () => void;
  stop: () => void;
}

export class RunButton {
  readonly #button = byId<HTMLButtonElement>('run');
  readonly #tests = byId<HTMLButtonElement>('run-tests');
  #running = false;
  #since = 0;
  #timer = 0;

  constructor({ run, runTests, stop }: RunEvents) {
    const hint = this.#button.querySelector('kbd');
    if (hint) hint.textContent = modKey === '⌘' ? '⌘↵' : 'Ctrl ↵';
    this.#button.addEventListener('click', () => {
      if (!this.#running) run();
      else if (performance.now() - this.#since > IGNORE_CLICKS_MS) stop();
    });
    this.#tests.addEventListener('click', () => {
      if (!this.#running) runTests();
    });
    document.addEventListener('keydown', (event) => {
      if (!hasMod(event) || event.repeat || document.querySelector('dialog[open]')) return;
      if (event.key === 'Enter') {
        event.preventDefault();
        if (this.#running) return;
        if (event.shiftKey && !this.#tests.hidden) runTests();
        else if (!event.shiftKey) run();
      } else if (event.key === '.' && this.#running) {
        event.preventDefault();
        stop();
      }
    });
  }

  setRunning(running: boolean): void {
    this.#running = running;
    this.#since = performance.now();
    clearTimeout(this.#timer);
    if (running) this.#timer = window.setTimeout(() => this.#look(true), SHOW_STOP_AFTER_MS);
    else this.#look(false);
  }

  /** Whether there are tests to run. */
  setTests(count: number): void {
    this.#tests.hidden = count === 0;
  }

  /** Why there is nothing to run, or nothing at all when there is. The button stays in the tab order to say so. */
  setFault(fault: string | undefined): void {
    if (fault === undefined) this.#button.removeAttribute('aria-disabled');
    else this.#button.setAttribute('aria-disabled', 'true');
    this.#button.title = fault ?? '';
  }

  focus(): void {
    this.#button.focus();
  }

  #look(stop: boolean): void {
    this.#button.dataset.state = stop ? 'stop' : 'run';
    this.#button.querySelector('svg')?.replaceWith(icon(stop ? 'stop' : 'play'));
    const word = this.#button.querySelector('.run-word');
    if (word) word.textContent = stop ? 'Stop' : 'Run';
    const hint = this.#button.querySelector<HTMLElement>('kbd');
    if (hint) hint.hidden = stop;
  }
}
