/** Faults shown where they are: a sign in the margin, a wavy line. They go when their line is edited. */

import {
  type EditorState,
  type Extension,
  type Range,
  RangeSet,
  StateEffect,
  StateField,
} from '@codemirror/state';
import { Decoration, EditorView, GutterMarker, gutter } from '@codemirror/view';
import { inert } from '../../logic/output/special.ts';
import { say } from '../page/dom.ts';
import type { Mark } from './editing.ts';

interface Fault {
  from: number;
  to: number;
  /** Where in the line it is. */
  at: number;
  message: string;
}

const put = StateEffect.define<Fault[]>();

class Sign extends GutterMarker {
  readonly #message: string;

  constructor(message: string) {
    super();
    this.#message = message;
  }

  override toDOM(): Node {
    const sign = document.createElement('span');
    sign.className = 'cm-fault-mark';
    sign.textContent = '●';
    sign.title = this.#message;
    return sign;
  }
}

const field = StateField.define<Fault[]>({
  create: () => [],
  update(faults, transaction) {
    const set = transaction.effects.find((effect) => effect.is(put));
    if (set) return set.value as Fault[];
    if (!transaction.docChanged) return faults;
    const { changes } = transaction;
    return faults
      .filter(({ from, to }) => !changes.touchesRange(from, to))
      .map((fault) => ({
        ...fault,
        from: changes.mapPos(fault.from),
        to: changes.mapPos(fault.to),
        at: changes.mapPos(fault.at),
      }));
  },
  provide: (faults) =>
    EditorView.decorations.from(faults, (list) => {
      const marks: Range<Decoration>[] = [];
      for (const { from, to, at, message } of list) {
        marks.push(Decoration.line({ class: 'cm-fault-line' }).range(from));
        if (to > at)
          marks.push(Decoration.mark({ class: 'cm-fault', attributes: { title: message } }).range(at, to));
      }
      return Decoration.set(marks, true);
    }),
});

export const faults: Extension = [
  field,
  gutter({
    class: 'cm-faults',
    markers: (view) => {
      const signs = view.state.field(field).map(({ from, message }) => new Sign(message).range(from));
      return RangeSet.of(signs, true);
    },
  }),
];

/** Puts these in the place of those before. What names no line of the text is left out. */
export function showFaults(view: EditorView, marks: Mark[]): void {
  const { doc } = view.state;
  const list = marks
    .filter(({ line }) => line >= 1 && line <= doc.lines)
    .map(({ line, column, message }) => {
      const { from, to, text } = doc.line(line);
      const indent = text.length - text.trimStart().length;
      const at = Math.min(to, from + (column === undefined || column > text.length ? indent : column - 1));
      return { from, to, at, message: inert(message) };
    });
  if (list.length > 0 || view.state.field(field, false)?.length) view.dispatch({ effects: put.of(list) });
}

/** To the next fault, or the one before; says what it is. */
export function goToFault(view: EditorView, step: 1 | -1): void {
  const all = [...listOf(view.state)].sort((a, b) => a.at - b.at);
  const { head } = view.state.selection.main;
  const ahead = step === 1 ? all.find(({ at }) => at > head) : all.findLast(({ at }) => at < head);
  const fault = ahead ?? (step === 1 ? all[0] : all.at(-1));
  if (!fault) {
    say('No errors are marked.');
    return;
  }
  view.dispatch({ selection: { anchor: fault.at }, scrollIntoView: true });
  view.focus();
  say(`Line ${view.state.doc.lineAt(fault.at).number}: ${fault.message}`);
}

function listOf(state: EditorState): Fault[] {
  return state.field(field, false) ?? [];
}
