/** Asks for the key of a server that wants one. */

import '../../boot-layer.ts';
import { h } from './dom.ts';

/** The key; nothing where none is given. */
export function askForKey(): Promise<string> {
  const field = h('input', {
    type: 'password',
    id: 'server-key',
    autocomplete: 'off',
    spellcheck: 'false',
    required: true,
  });
  const form = h(
    'form',
    { method: 'dialog' },
    h('label', { for: 'server-key' }, 'Whoever runs this server gives out its keys.'),
    field,
    h('button', { class: 'button', type: 'submit' }, 'Use it'),
  );
  const title = h('h2', { id: 'key-title' }, 'This server wants a key');
  const dialog = h('dialog', { 'aria-labelledby': 'key-title' }, title, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((done) => {
    let given = '';
    form.addEventListener('submit', () => {
      given = field.value.trim();
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      done(given);
    });
  });
}
