/**
 * The code editor: CodeMirror in a shadow root. Only there does it bring its styles as constructed sheets, which the
 * Content-Security-Policy allows; in the document itself it would need `<style>` elements, which it forbids.
 * It comes after the page, in a file of its own.
 */

import '../../boot-layer.ts';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bidiIsolates, bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { Compartment, EditorState, type Extension, Prec } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { longName, visible } from '../../logic/output/special.ts';
import { h } from '../page/dom.ts';
import type { Backend, Hooks, Mark } from './editing.ts';
import { faults, goToFault, showFaults } from './faults.ts';
import { grammar, indentation } from './grammar.ts';
import { highlight, looks } from './looks.ts';
import { overLimit } from './over-limit.ts';

export class CodeEditor implements Backend {
  readonly #view: EditorView;
  readonly #grammar = new Compartment();
  readonly #aids = new Compartment();
  /** Search and brackets that close themselves, once they have come. */
  #fetched: Extension = [];
  readonly #states = new Map<string, EditorState>();
  readonly #hooks: Hooks;
  #key = '';
  #language = '';

  constructor(parent: HTMLElement, hooks: Hooks) {
    this.#hooks = hooks;
    const host = h('div', { class: 'code' });
    parent.append(host);
    const shadow = host.attachShadow({ mode: 'open' });
    this.#view = new EditorView({ parent: shadow, root: shadow, state: EditorState.create() });
  }

  /** Fetches what one can begin without. */
  async complete(): Promise<void> {
    const { aids } = await import('./aids.ts');
    this.#fetched = aids;
    this.#aid();
  }

  #aid(): void {
    if (this.#fetched !== this.#aids.get(this.#view.state))
      this.#view.dispatch({ effects: this.#aids.reconfigure(this.#fetched) });
  }

  open(key: string, language: string, text: string): void {
    if (key === this.#key) return;
    if (this.#key !== '') this.#states.set(this.#key, this.#view.state);
    this.#key = key;
    this.#language = language;
    const known = this.#states.get(key);
    const same = known?.doc.toString() === text ? known : undefined;
    this.#view.setState(same ?? this.#create(language, text));
    this.#aid();
    void this.#fetchGrammar(key, language);
    this.#hooks.changed();
  }

  async #fetchGrammar(key: string, language: string): Promise<void> {
    const extension = await grammar(language);
    if (key !== this.#key || language !== this.#language) return;
    this.#view.dispatch({ effects: this.#grammar.reconfigure(extension) });
  }

  get text(): string {
    return this.#view.state.doc.toString();
  }

  replace(text: string): void {
    const { doc } = this.#view.state;
    if (doc.toString() === text) return;
    this.#view.dispatch({
      changes: { from: 0, to: doc.length, insert: text },
      selection: { anchor: 0 },
      scrollIntoView: true,
      userEvent: 'input.replace',
    });
  }

  focus(): void {
    this.#view.focus();
  }

  get hasFocus(): boolean {
    return this.#view.hasFocus;
  }

  goTo(line: number, column = 1): void {
    const { doc } = this.#view.state;
    const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines));
    const anchor = Math.min(to, from + column - 1);
    this.#view.dispatch({
      selection: { anchor },
      effects: EditorView.scrollIntoView(anchor, { y: 'center' }),
    });
    this.#view.focus();
  }

  get selection(): [number, number] {
    const { from, to } = this.#view.state.selection.main;
    return [from, to];
  }

  select(from: number, to: number): void {
    const { length } = this.#view.state.doc;
    this.#view.dispatch({ selection: { anchor: Math.min(from, length), head: Math.min(to, length) } });
  }

  mark(marks: Mark[]): void {
    showFaults(this.#view, marks);
  }

  nextMark(step: 1 | -1): void {
    goToFault(this.#view, step);
  }

  forget(keys: string[]): void {
    for (const key of keys) this.#states.delete(key);
  }

  remove(): void {
    this.#view.destroy();
  }

  #create(language: string, doc: string): EditorState {
    const changed = EditorView.updateListener.of((update) => {
      if (update.docChanged) this.#hooks.changed();
    });
    const label = EditorView.contentAttributes.of({
      tabindex: '0',
      'aria-label': `Code editor, ${language}. Escape, then Tab, leaves it.`,
    });
    return EditorState.create({
      doc,
      extensions: [
        // Before the other keys: Backspace takes away a pair of brackets.
        Prec.high(this.#aids.of(this.#fetched)),
        ...common,
        overLimit(this.#hooks.most),
        changed,
        label,
        indentation(language),
        this.#grammar.of([]),
      ],
    });
  }
}

/** What would change how code reads, by its name: the same characters as in outputs. */
const specialChars = highlightSpecialChars({
  addSpecialChars:
    /[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2028-\u202e\u2060-\u206f\u3164\uffa0\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/u,
  render: (code, _description, placeholder) => {
    const char = String.fromCodePoint(code);
    const span = document.createElement('span');
    span.textContent = code < 0x20 ? placeholder : visible(char) === char ? placeholder : visible(char);
    span.title = longName(char);
    span.className = 'cm-specialChar';
    return span;
  },
});

/**
 * What is put over a selection, and more than a key's worth of text at once (dictation, text replacement, automation): left
 * to the browser, it would set style attributes of its own on the way, which the Content-Security-Policy would report.
 */
const insertions = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    const text = event.data ?? '';
    const native = 'editContext' in view.contentDOM && view.contentDOM.editContext;
    if (event.inputType !== 'insertText' || text === '' || event.isComposing || native) return false;
    const { from, to, empty } = view.state.selection.main;
    if (text.length < 2 && empty) return false;
    const insert = () =>
      view.state.update(view.state.replaceSelection(text), { userEvent: 'input.type', scrollIntoView: true });
    // A bracket over a selection goes around it.
    const taken = view.state
      .facet(EditorView.inputHandler)
      .some((take) => take(view, from, to, text, insert));
    if (!taken) view.dispatch(insert());
    return true;
  },
});

const common: Extension[] = [
  lineNumbers(),
  highlightActiveLineGutter(),
  highlightActiveLine(),
  specialChars,
  bidiIsolates(),
  history(),
  drawSelection(),
  indentOnInput(),
  bracketMatching(),
  faults,
  insertions,
  syntaxHighlighting(highlight),
  looks,
  keymap.of([
    // Running is the page's business: without this the editor would take Mod-Enter for a blank line.
    { key: 'Mod-Enter', run: () => true, stopPropagation: false },
    { key: 'Mod-Shift-Enter', run: () => true, stopPropagation: false },
    ...defaultKeymap,
    ...historyKeymap,
    indentWithTab,
  ]),
];
