/** Marks what is past the limit, so that one sees what to cut. */

import type { EditorState, Extension } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view';
import { countChars, indexOfChar } from '../../logic/text.ts';

export function overLimit(most: () => number): Extension {
  const past = (state: EditorState): DecorationSet => {
    if (state.doc.length <= most()) return Decoration.none;
    const text = state.doc.toString();
    if (countChars(text) <= most()) return Decoration.none;
    return Decoration.set([
      Decoration.mark({ class: 'cm-over' }).range(indexOfChar(text, most()), text.length),
    ]);
  };
  return ViewPlugin.fromClass(
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
}
