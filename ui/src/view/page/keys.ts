/** The list of keys, and the way past the editor. */

import { byId, modKey } from './dom.ts';

export function setUpKeys(): void {
  const dialog = byId<HTMLDialogElement>('keys-dialog');
  for (const key of dialog.querySelectorAll('kbd[data-mod]')) key.textContent = modKey;
  byId('keys').addEventListener('click', () => dialog.showModal());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== '?' || event.ctrlKey || event.metaKey || event.altKey) return;
    const [target] = event.composedPath();
    const typing =
      target instanceof HTMLElement &&
      (target.isContentEditable || target.matches('input, textarea, select'));
    if (typing || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    dialog.showModal();
  });
  byId('skip').addEventListener('click', () => byId('result').focus());
}
