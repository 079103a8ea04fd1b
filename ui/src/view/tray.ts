/** The drawer under the editor: standard input, arguments, files. One part is open at a time, or none. */

import { MAX_ARGS, MAX_ARGS_BYTES, MAX_STDIN_BYTES } from '../contract.ts';
import * as format from '../logic/format.ts';
import { byteLength } from '../logic/text.ts';
import { joinWords, splitWords } from '../logic/words.ts';
import { byId, h } from './dom.ts';

export class Tray {
  readonly #stdin = byId<HTMLTextAreaElement>('stdin');
  readonly #args = byId<HTMLInputElement>('args');
  readonly #tabs = [...document.querySelectorAll<HTMLElement>('.tab')];
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
    for (const tab of this.#tabs) {
      tab.addEventListener('click', () => {
        const open = tab.getAttribute('aria-expanded') === 'true';
        this.#show(open ? undefined : tab);
      });
    }
    const edited = () => {
      this.#render();
      changed();
    };
    this.#stdin.addEventListener('input', edited);
    this.#args.addEventListener('input', edited);
    this.#render();
  }

  get stdin(): string {
    return this.#stdin.value;
  }

  get args(): string[] {
    const split = splitWords(this.#args.value);
    return 'words' in split ? split.words : [];
  }

  /** The line as it was typed, for the draft. */
  get argsLine(): string {
    return this.#args.value;
  }

  set(stdin: string, argsLine: string): void {
    this.#stdin.value = stdin;
    this.#args.value = argsLine;
    this.#render();
    this.#changed();
  }

  setWords(stdin: string, args: string[]): void {
    this.set(stdin, joinWords(args));
  }

  openFiles(): void {
    this.#show(this.#tabs.find((tab) => tab.getAttribute('aria-controls') === 'tray-files'));
  }

  openInput(): void {
    this.#show(this.#tabs.find((tab) => tab.getAttribute('aria-controls') === 'tray-input'));
  }

  setFileCount(n: number): void {
    byId('badge-files').textContent = n > 0 ? String(n) : '';
  }

  /** Why this cannot be run, if so. */
  get fault(): string | undefined {
    const size = byteLength(this.#stdin.value);
    if (size > MAX_STDIN_BYTES)
      return `Standard input is too long: ${format.bytes(size)}, at most 64 KB are allowed.`;
    const split = splitWords(this.#args.value);
    if ('error' in split) return `Arguments: ${split.error}`;
    if (split.words.length > MAX_ARGS)
      return `Too many arguments: ${split.words.length}, at most ${MAX_ARGS} are allowed.`;
    const argsSize = split.words.reduce((sum, word) => sum + byteLength(word), 0);
    if (argsSize > MAX_ARGS_BYTES)
      return `The arguments are too long: ${format.bytes(argsSize)}, at most 16 KB are allowed.`;
    return undefined;
  }

  #show(tab: HTMLElement | undefined): void {
    for (const each of this.#tabs) {
      const open = each === tab;
      each.setAttribute('aria-expanded', String(open));
      byId(each.getAttribute('aria-controls') ?? '').hidden = !open;
    }
  }

  #render(): void {
    const size = byteLength(this.#stdin.value);
    const note = byId('stdin-note');
    note.textContent =
      size === 0 ? 'Empty: the program sees the end of its input at once.' : `${format.bytes(size)} of 64 KB`;
    note.dataset.state = size > MAX_STDIN_BYTES ? 'bad' : '';
    byId('badge-input').textContent = size > 0 ? format.bytes(size) : '';

    const split = splitWords(this.#args.value);
    const words = 'words' in split ? split.words : [];
    const argsNote = byId('args-note');
    argsNote.dataset.state = 'error' in split ? 'bad' : '';
    if ('error' in split) argsNote.replaceChildren(split.error);
    else if (words.length === 0) argsNote.replaceChildren('None.');
    else
      argsNote.replaceChildren(
        'The program gets',
        ...words.map((word) => h('code', {}, word === '' ? '""' : word)),
      );
    byId('badge-args').textContent = words.length > 0 ? String(words.length) : '';
  }
}
