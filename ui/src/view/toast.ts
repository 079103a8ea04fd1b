/** A short note at the bottom of the page, with at most one thing to do about it. */

import { byId, h, say } from './dom.ts';

export function toast(text: string, action?: { word: string; run: () => void }): void {
  const note = h('div', { class: 'toast' }, h('span', {}, text));
  let timer = 0;
  const close = () => {
    clearTimeout(timer);
    note.remove();
  };
  if (action) {
    const act = () => {
      close();
      action.run();
    };
    note.append(h('button', { type: 'button', onclick: act }, action.word));
  }
  // It stays while somebody is at it.
  const arm = () => {
    clearTimeout(timer);
    timer = window.setTimeout(close, action ? 7000 : 3500);
  };
  const hold = () => clearTimeout(timer);
  note.addEventListener('pointerenter', hold);
  note.addEventListener('focusin', hold);
  note.addEventListener('pointerleave', arm);
  note.addEventListener('focusout', arm);
  byId('toasts').replaceChildren(note);
  arm();
  say(text);
}
