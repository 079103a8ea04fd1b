/**
 * The code editor: CodeMirror in a shadow root. Only there does it bring its styles as constructed sheets, which the
 * Content-Security-Policy allows; in the document itself it would need `<style>` elements, which it forbids.
 */

import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab, undo } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { python } from '@codemirror/lang-python';
import {
  bracketMatching,
  HighlightStyle,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from '@codemirror/language';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, type Extension, type Range } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { MAX_CODE_CHARS } from '../contract.ts';
import { countChars, indexOfChar } from '../logic/text.ts';

export class Editor {
  readonly #view: EditorView;
  readonly #language = new Compartment();
  readonly #states = new Map<string, EditorState>();
  readonly #changed: () => void;
  #current = '';

  constructor(parent: HTMLElement, changed: () => void) {
    this.#changed = changed;
    const shadow = parent.attachShadow({ mode: 'open' });
    this.#view = new EditorView({ parent: shadow, root: shadow, state: EditorState.create() });
  }

  /** Turns to a language's own text (with its own undo), which begins as `initial`. */
  open(language: string, initial: string): void {
    if (language === this.#current) return;
    if (this.#current !== '') this.#states.set(this.#current, this.#view.state);
    this.#current = language;
    this.#view.setState(this.#states.get(language) ?? this.#create(language, initial));
    this.#changed();
  }

  get text(): string {
    return this.#view.state.doc.toString();
  }

  /** Replaces the text in one step that can be undone. */
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

  undo(): void {
    undo(this.#view);
  }

  focus(): void {
    this.#view.focus();
  }

  #create(language: string, doc: string): EditorState {
    const changed = EditorView.updateListener.of((update) => {
      if (update.docChanged) this.#changed();
    });
    return EditorState.create({
      doc,
      extensions: [...common, changed, this.#language.of(support(language))],
    });
  }
}

function support(language: string): Extension {
  const label = EditorView.contentAttributes.of({
    tabindex: '0',
    'aria-label': `Code editor, ${language}. Escape, then Tab, leaves it.`,
  });
  if (language === 'python') return [python(), indentUnit.of('    '), label];
  if (language === 'javascript') return [javascript(), indentUnit.of('  '), label];
  return [indentUnit.of('  '), label];
}

/** Marks what is past the limit, so that one sees what to cut. */
const overLimit = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = past(view.state);
    }

    update(update: ViewUpdate) {
      if (update.docChanged) this.decorations = past(update.state);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

function past(state: EditorState): DecorationSet {
  if (state.doc.length <= MAX_CODE_CHARS) return Decoration.none;
  const text = state.doc.toString();
  if (countChars(text) <= MAX_CODE_CHARS) return Decoration.none;
  const marks: Range<Decoration>[] = [
    Decoration.mark({ class: 'cm-over' }).range(indexOfChar(text, MAX_CODE_CHARS), text.length),
  ];
  return Decoration.set(marks);
}

/** What would change how code reads, by its code point. (The library's own is a label on a nameless element.) */
const specialChars = highlightSpecialChars({
  render: (code, _description, placeholder) => {
    const span = document.createElement('span');
    const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
    span.textContent = code < 0x20 ? placeholder : `‹${name}›`;
    span.title = name;
    span.className = 'cm-specialChar';
    return span;
  },
});

/**
 * More than a key's worth of text put in at once (dictation, text replacement, automation): left to the browser, it
 * would set style attributes of its own on the way, which the Content-Security-Policy would report.
 */
const longInsertions = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    const text = event.data ?? '';
    const native = 'editContext' in view.contentDOM && view.contentDOM.editContext;
    if (event.inputType !== 'insertText' || text.length < 2 || event.isComposing || native) return false;
    view.dispatch(view.state.replaceSelection(text), { userEvent: 'input.type', scrollIntoView: true });
    return true;
  },
});

const highlight = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: 'var(--code-keyword)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp, tags.escape], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.self], color: 'var(--code-number)' },
  { tag: [tags.comment, tags.meta], color: 'var(--code-comment)', fontStyle: 'italic' },
  {
    tag: [
      tags.function(tags.variableName),
      tags.function(tags.propertyName),
      tags.definition(tags.function(tags.variableName)),
    ],
    color: 'var(--code-function)',
  },
  { tag: [tags.className, tags.typeName, tags.definition(tags.className)], color: 'var(--code-type)' },
  { tag: tags.invalid, color: 'var(--code-invalid)' },
]);

const looks = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--pane)', fontSize: '13.5px' },
  '&.cm-focused': { outline: 'none' },
  '&.cm-focused .cm-scroller': { boxShadow: 'inset 2px 0 0 var(--accent)' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6', fontVariantLigatures: 'none' },
  '.cm-content': { padding: '10px 0', caretColor: 'var(--text)' },
  '.cm-line': { padding: '0 14px 0 8px' },
  '.cm-gutters': { backgroundColor: 'var(--pane)', color: 'var(--muted)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': {
    minWidth: '44px',
    padding: '0 8px 0 12px',
    fontSize: '12px',
    lineHeight: '21.6px',
  },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--code-active) 60%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)', borderLeftWidth: '1.5px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'var(--code-selection)',
  },
  '.cm-selectionMatch': { backgroundColor: 'var(--code-match)' },
  '&.cm-focused .cm-matchingBracket': {
    backgroundColor: 'var(--code-match)',
    outline: '1px solid var(--line-strong)',
  },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--bad-soft)' },
  '.cm-searchMatch': { backgroundColor: 'var(--code-found)' },
  '.cm-searchMatch-selected': { backgroundColor: 'var(--code-found)', outline: '2px solid var(--accent)' },
  '.cm-over': { backgroundColor: 'var(--bad-soft)', textDecoration: 'underline wavy var(--bad) 1px' },
  '.cm-specialChar': { color: 'var(--bad)', fontSize: '0.85em' },
  '.cm-panels': { backgroundColor: 'var(--sunken)', color: 'var(--text)', border: 'none' },
  '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--line)' },
  '.cm-panel.cm-search': { padding: '6px 34px 6px 10px', fontFamily: 'var(--sans)' },
  '.cm-panel.cm-search label': {
    display: 'inline-flex',
    alignItems: 'center',
    gap: '4px',
    fontSize: '12.5px',
    color: 'var(--text)',
  },
  '.cm-panel.cm-search [name=close]': { color: 'var(--text)', fontSize: '18px', right: '8px', top: '6px' },
  '.cm-panel.cm-search [name=search], .cm-panel.cm-search [name=replace]': { width: '140px' },
  '.cm-textfield': {
    fontFamily: 'inherit',
    backgroundColor: 'var(--pane)',
    color: 'var(--text)',
    border: '1px solid var(--line-strong)',
    borderRadius: '6px',
    padding: '3px 8px',
    fontSize: '13px',
  },
  '.cm-button': {
    fontFamily: 'inherit',
    backgroundImage: 'none',
    backgroundColor: 'var(--raised)',
    color: 'var(--text)',
    border: '1px solid var(--line)',
    borderRadius: '6px',
    padding: '3px 9px',
    fontSize: '12.5px',
    cursor: 'pointer',
  },
  '.cm-button:active': { backgroundImage: 'none', backgroundColor: 'var(--idle-soft)' },
  ':focus-visible': { outline: '2px solid var(--accent)', outlineOffset: '1px' },
  '.cm-content:focus-visible': { outline: 'none' },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', color: 'var(--text)', border: '1px solid var(--line)' },
});

const common: Extension[] = [
  lineNumbers(),
  highlightActiveLineGutter(),
  highlightActiveLine(),
  specialChars,
  history(),
  drawSelection(),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  highlightSelectionMatches(),
  search({ top: true }),
  overLimit,
  longInsertions,
  syntaxHighlighting(highlight),
  looks,
  keymap.of([
    // Running is the page's business: without this the editor would take Mod-Enter for a blank line.
    { key: 'Mod-Enter', run: () => true, stopPropagation: false },
    ...closeBracketsKeymap,
    ...defaultKeymap,
    ...searchKeymap,
    ...historyKeymap,
    indentWithTab,
  ]),
];
