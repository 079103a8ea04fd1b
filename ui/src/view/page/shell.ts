/** The frame: which pane is shown where there is room for one, the keys that lead from pane to pane, and the panel behind ⋯. */

import { byId } from './dom.ts';

export type Pane = 'code' | 'output' | 'input';

const narrow = matchMedia('(max-width: 759px)');

/** Shows one pane where there is room for one. On a wide screen both are there. */
export function showPane(pane: Pane): void {
  document.body.dataset.pane = pane;
  for (const button of document.querySelectorAll<HTMLElement>('#dock [data-pane]'))
    button.setAttribute('aria-pressed', String(button.dataset.pane === pane));
  if (pane === 'output') byId('dock-output').removeAttribute('data-news');
  if (narrow.matches) scrollTo({ top: 0 });
}

export function isNarrow(): boolean {
  return narrow.matches;
}

export interface ShellEvents {
  focusCode: () => void;
  openInput: () => void;
}

export function setUpShell(events: ShellEvents): void {
  showPane('code');
  for (const button of document.querySelectorAll<HTMLElement>('#dock [data-pane]')) {
    button.addEventListener('click', () => {
      const pane = button.dataset.pane as Pane;
      showPane(pane);
      if (pane === 'code') events.focusCode();
      if (pane === 'input') events.openInput();
    });
  }
  const place = () => {
    // One button: in the bar where there is room, else within reach of the thumb.
    const home = narrow.matches ? byId('dock') : byId('source-bar');
    home.append(byId('run-buttons'));
  };
  place();
  narrow.addEventListener('change', place);
  setUpPanel();
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'F6' || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    walk(event.shiftKey ? -1 : 1);
  });
  setUpSymbols();
}

/** From pane to pane: a note with something to do, the code, the tray, the output, the row to type in. */
function walk(step: 1 | -1): void {
  const stops: [root: string, focus: string][] = [
    ['#toasts', '.toast-act'],
    ['#editor', 'textarea, .code'],
    ['.tray', '.tab'],
    ['#result', '#console'],
    ['#typing', '#typed'],
  ];
  const there = stops
    .map(([root, focus]) => [document.querySelector<HTMLElement>(root), focus] as const)
    .filter(([root, focus]) => root && root.getClientRects().length > 0 && root.querySelector(focus));
  const active = document.activeElement;
  const at = there.findIndex(([root]) => root?.contains(active));
  const note = there[0]?.[0]?.id === 'toasts' && at !== 0 && step === 1 ? 0 : undefined;
  const next = there[note ?? (at + step + there.length) % there.length];
  if (!next) return;
  const [root, focus] = next;
  const element = root?.querySelector<HTMLElement>(focus);
  const inner = element?.shadowRoot?.querySelector<HTMLElement>('.cm-content');
  (inner ?? element)?.focus();
}

function setUpPanel(): void {
  const button = byId('more');
  const panel = byId('more-panel');
  const show = (open: boolean, refocus = false) => {
    panel.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    if (refocus) button.focus();
  };
  button.addEventListener('click', () => show(panel.hidden === true));
  panel.addEventListener('click', (event) => {
    if ((event.target as Element).closest('button, a')) show(false);
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !panel.hidden) show(false, panel.contains(document.activeElement));
  });
  document.addEventListener('pointerdown', (event) => {
    const path = event.composedPath();
    if (!panel.hidden && !path.includes(panel) && !path.includes(button)) show(false);
  });
  panel.addEventListener('focusout', (event) => {
    if (event.relatedTarget && !panel.contains(event.relatedTarget as Node) && event.relatedTarget !== button)
      show(false);
  });
}

/** Signs that a telephone's keyboard hides; not shown where there are keys. */
function setUpSymbols(): void {
  const row = byId('symbols');
  const editor = byId('editor');
  let keys = false;
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.key.startsWith('Arrow') || event.key === 'Tab') keys = true;
  });
  const look = () => {
    row.hidden = keys || !narrow.matches || !editor.contains(document.activeElement);
  };
  document.addEventListener('focusin', look);
  document.addEventListener('focusout', () => window.setTimeout(look));
  row.addEventListener('pointerdown', (event) => event.preventDefault()); // the focus stays where it is
  row.addEventListener('click', (event) => {
    const sign = (event.target as HTMLElement).dataset.sign;
    // The one way to put text in as if it had been typed, wherever the focus is.
    if (sign !== undefined) document.execCommand('insertText', false, sign === 'tab' ? '    ' : sign);
  });
}
