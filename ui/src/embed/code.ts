/** The code of a block: in the host page's own element, or in an editor that has come in its place. */

import { h } from '../view/page/dom.ts';
import type { CodeEditor } from '../view/source/editor.ts';
import { dedent } from './harness.ts';

/** Asked for by its address: the file is of the page's build, and no part of this one. */
const EDITOR = new URL('run-code-editor.js', import.meta.url).href;

export class CodeBlock {
  /** What stands in the block's shadow root. */
  readonly element = h('div', { part: 'code' }, document.createElement('slot'));
  readonly #host: HTMLElement;
  #editor: CodeEditor | undefined;

  constructor(host: HTMLElement) {
    this.#host = host;
  }

  get text(): string {
    return this.#editor?.text ?? dedent(this.#place()?.textContent ?? '');
  }

  set text(text: string) {
    const place = this.#place();
    if (this.#editor) this.#editor.replace(text);
    else if (place) place.textContent = text;
  }

  /** Lets the reader change it: where it stands, or in an editor that comes when it is first turned to. */
  open(): void {
    const place = this.#place();
    if (!place) return;
    place.setAttribute('contenteditable', 'plaintext-only');
    place.setAttribute('spellcheck', 'false');
    place.setAttribute('role', 'textbox');
    place.setAttribute('aria-multiline', 'true');
    place.setAttribute('aria-label', `Code, ${this.#language}`);
    if (this.#host.getAttribute('editor') === 'full')
      place.addEventListener('focus', () => void this.#full(place).catch(() => {}), { once: true });
  }

  /** What was typed until then is taken over. Where the editor cannot be had, the block stays as it is. */
  async #full(place: HTMLElement): Promise<void> {
    const { CodeEditor, colours } = (await import(EDITOR)) as typeof import('./editor.ts');
    const root = this.element.getRootNode() as ShadowRoot;
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, colours];
    const { text } = this;
    const home = h('div', { class: 'full' });
    this.element.append(home);
    const editor = new CodeEditor(home, { changed: () => {}, most: () => Number.POSITIVE_INFINITY });
    editor.open('block', this.#language, text);
    this.#editor = editor;
    if (place.matches(':focus')) editor.focus();
    this.element.querySelector('slot')?.remove();
    await editor.complete();
  }

  get #language(): string {
    return this.#host.getAttribute('language') ?? 'python';
  }

  #place(): HTMLElement | null {
    return this.#host.querySelector('code') ?? this.#host.querySelector('pre');
  }
}
