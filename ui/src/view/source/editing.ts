/**
 * The texts that are being written, each under a key of its own: one of each language, one of each file. They are edited in
 * a plain text field until the editor has come, which then takes over what stands there, the place and the focus.
 */

import { PlainText } from './plain.ts';

/** A fault at a line of the text that is shown. */
export interface Mark {
  line: number;
  column?: number;
  message: string;
}

export interface Hooks {
  changed: () => void;
  /** The most characters a text may have; what is past them is marked. */
  most: () => number;
}

/** What shows and edits one text at a time. */
export interface Backend {
  open(key: string, language: string, text: string): void;
  readonly text: string;
  replace(text: string): void;
  focus(): void;
  readonly hasFocus: boolean;
  goTo(line: number, column?: number): void;
  readonly selection: [number, number];
  select(from: number, to: number): void;
  mark(marks: Mark[]): void;
  nextMark(step: 1 | -1): void;
  forget(keys: string[]): void;
  remove(): void;
}

export class Editing {
  readonly #parent: HTMLElement;
  readonly #texts = new Map<string, { language: string; text: string }>();
  #backend: Backend;
  #key = '';
  readonly #hooks: Hooks;

  constructor(parent: HTMLElement, hooks: Hooks) {
    this.#parent = parent;
    this.#hooks = {
      ...hooks,
      changed: () => {
        const open = this.#texts.get(this.#key);
        if (open) open.text = this.#backend.text;
        hooks.changed();
      },
    };
    this.#backend = new PlainText(parent, this.#hooks);
  }

  /** Fetches the editor, and puts it in the place of the plain field. Where it cannot be had, the field stays. */
  async enhance(): Promise<void> {
    try {
      const { CodeEditor } = await import('./editor.ts');
      const before = this.#backend;
      const [from, to] = before.selection;
      const { hasFocus } = before;
      const editor = new CodeEditor(this.#parent, this.#hooks);
      const open = this.#texts.get(this.#key);
      this.#backend = editor;
      if (open) editor.open(this.#key, open.language, open.text);
      editor.select(from, to);
      before.remove();
      if (hasFocus) editor.focus();
      await editor.complete();
      this.#parent.dataset.editor = 'full';
    } catch {
      this.#parent.dataset.editor = 'plain';
    }
  }

  get key(): string {
    return this.#key;
  }

  /** Turns to another text, which begins as `initial` when it is new. */
  open(key: string, language: string, initial: string): void {
    if (key === this.#key) return;
    const known = this.#texts.get(key) ?? { language, text: initial };
    this.#texts.set(key, known);
    this.#key = key;
    this.#backend.open(key, language, known.text);
  }

  /** The text under a key, whether it is shown or not. */
  textOf(key: string): string | undefined {
    return this.#texts.get(key)?.text;
  }

  /** Replaces a text; where it is shown, in one step that can be undone. */
  setText(key: string, language: string, text: string): void {
    if (key === this.#key) this.#backend.replace(text);
    else this.#backend.forget([key]);
    this.#texts.set(key, { language, text });
  }

  /** All texts whose key begins so. */
  textsUnder(prefix: string): Record<string, string> {
    const under = [...this.#texts].filter(([key]) => key.startsWith(prefix));
    return Object.fromEntries(under.map(([key, { text }]) => [key.slice(prefix.length), text]));
  }

  /** Forgets texts, and what could be undone in them. Not the one that is shown. */
  forget(prefix: string): void {
    const keys = [...this.#texts.keys()].filter((key) => key.startsWith(prefix) && key !== this.#key);
    for (const key of keys) this.#texts.delete(key);
    this.#backend.forget(keys);
  }

  focus(): void {
    this.#backend.focus();
  }

  goTo(line: number, column?: number): void {
    this.#backend.goTo(line, column);
  }

  mark(marks: Mark[]): void {
    this.#backend.mark(marks);
  }

  nextMark(step: 1 | -1): void {
    this.#backend.nextMark(step);
  }
}
