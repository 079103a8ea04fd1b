/** A short note at the bottom of the page, with at most one thing to do about it. */

import { byId, h, hasMod, say } from './dom.ts';

const GONE_AFTER_MS = 3500;
/** A note with something to do stays as long as anybody may need to come to it. */
const ACTION_GONE_AFTER_MS = 120_000;

export interface Action {
  word: string;
  run: () => void;
  /** Ctrl+Z does it too, as long as nothing has been typed since. */
  undoes?: true;
}

let dismiss: (() => void) | undefined;

/** A note goes by itself; one with something to do goes when that is done, when it is closed, or when a run begins. */
export function toast(text: string, action?: Action): void {
  dismiss?.();
  const note = h('div', { class: 'toast' }, h('span', {}, text));
  const gone = new AbortController();
  const close = () => {
    gone.abort();
    clearTimeout(timer);
    note.remove();
    if (dismiss === close) dismiss = undefined;
  };
  const timer = window.setTimeout(close, action ? ACTION_GONE_AFTER_MS : GONE_AFTER_MS);
  dismiss = close;
  if (action) {
    const act = () => {
      close();
      action.run();
    };
    note.append(
      h('button', { type: 'button', class: 'toast-act', onclick: act }, action.word),
      h('button', { type: 'button', class: 'toast-close', 'aria-label': 'Close', onclick: close }, '×'),
    );
    if (action.undoes) undoKey(act, gone.signal);
  }
  byId('toasts').replaceChildren(note);
  say(action ? `${text} ${action.word} is at hand: ${action.undoes ? 'Ctrl+Z, or ' : ''}F6.` : text);
}

/** What is at hand to be undone is not so any more. */
export function dropToast(): void {
  dismiss?.();
}

function undoKey(act: () => void, signal: AbortSignal): void {
  let typed = false;
  const key = (event: KeyboardEvent) => {
    if (hasMod(event) && event.key.toLowerCase() === 'z' && !event.shiftKey && !typed) {
      event.preventDefault();
      event.stopPropagation();
      act();
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) typed = true;
  };
  document.addEventListener('keydown', key, { capture: true, signal });
}
