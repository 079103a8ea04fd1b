/** A short note at the bottom of the page, with at most one thing to do about it. */

import { byId, h, say } from './dom.ts';

const GONE_AFTER_MS = 3500;
/** Keys that lead to the note rather than away from it. */
const HARMLESS = ['Tab', 'Shift', 'Control', 'Alt', 'Meta'];

/** A note goes by itself; one with something to do stays until that is done, or the person has gone on. */
export function toast(text: string, action?: { word: string; run: () => void }): void {
  const note = h('div', { class: 'toast' }, h('span', {}, text));
  const gone = new AbortController();
  const close = () => {
    gone.abort();
    note.remove();
  };
  if (action) {
    const act = () => {
      close();
      action.run();
    };
    note.append(h('button', { type: 'button', onclick: act }, action.word));
    const goneOn = (event: Event) => {
      const harmless = event instanceof KeyboardEvent && HARMLESS.includes(event.key);
      if (!harmless && !event.composedPath().includes(note)) close();
    };
    for (const type of ['keydown', 'pointerdown'])
      document.addEventListener(type, goneOn, { capture: true, signal: gone.signal });
  } else window.setTimeout(close, GONE_AFTER_MS);
  byId('toasts').replaceChildren(note);
  say(text);
}
