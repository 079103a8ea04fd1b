/** To the clipboard; where a page may not (plain http), into a field to copy from by hand. */

import { h } from './dom.ts';
import { toast } from './toast.ts';

export async function copy(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(done);
  } catch {
    byHand(text);
  }
}

function byHand(text: string): void {
  const field = h('textarea', { readonly: true, 'aria-label': 'Text to copy' });
  field.value = text;
  const close = h('button', { class: 'button', type: 'button', onclick: () => dialog.close() }, 'Close');
  const title = h('h2', { id: 'copy-title' }, 'Copy this');
  const dialog = h('dialog', { 'aria-labelledby': 'copy-title' }, title, field, close);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  field.select();
}

/** Gives bytes to the person as a file. */
export function download(name: string, bytes: Uint8Array<ArrayBuffer>): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  const link = h('a', { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
