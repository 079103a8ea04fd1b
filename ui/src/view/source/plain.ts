/** A plain text field, in which one can write and run before the editor has come, or where it never does. */

import { h } from '../page/dom.ts';
import type { Backend, Hooks, Mark } from './editing.ts';

export class PlainText implements Backend {
  readonly #field: HTMLTextAreaElement;
  readonly #hooks: Hooks;

  constructor(parent: HTMLElement, hooks: Hooks) {
    this.#hooks = hooks;
    const existing = parent.querySelector('textarea');
    this.#field = existing ?? h('textarea', { class: 'plain', spellcheck: 'false', autocapitalize: 'off' });
    if (!existing) parent.append(this.#field);
    this.#field.addEventListener('input', () => hooks.changed());
  }

  open(_key: string, language: string, text: string): void {
    this.#field.setAttribute('aria-label', `Code editor, ${language}`);
    this.replace(text);
  }

  get text(): string {
    return this.#field.value;
  }

  replace(text: string): void {
    if (this.#field.value === text) return;
    this.#field.value = text;
    this.#hooks.changed();
  }

  focus(): void {
    this.#field.focus();
  }

  get hasFocus(): boolean {
    return document.activeElement === this.#field;
  }

  goTo(line: number, column = 1): void {
    const lines = this.#field.value.split('\n');
    const at = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
    this.#field.focus();
    this.#field.setSelectionRange(at, at);
  }

  get selection(): [number, number] {
    return [this.#field.selectionStart, this.#field.selectionEnd];
  }

  select(from: number, to: number): void {
    this.#field.setSelectionRange(from, to);
  }

  mark(_marks: Mark[]): void {
    // Only the editor has a margin for them.
  }

  nextMark(): void {
    // The same.
  }

  forget(): void {
    // It holds one text.
  }

  remove(): void {
    this.#field.remove();
  }
}
