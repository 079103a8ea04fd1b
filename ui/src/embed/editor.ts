/**
 * The page's own editor for `<run-code editor="full">`, with the colours that it takes from the page. It is a file of the page's
 * build, and shares the editor's files with the page.
 */

export { CodeEditor } from '../view/source/editor.ts';

/** What the editor's looks ask for, where the page's own style sheet is not there. */
export const colours = new CSSStyleSheet();

colours.replaceSync(`
.full {
  --text: CanvasText; --pane: Canvas; --sunken: Canvas; --raised: Canvas; --idle-soft: ButtonFace;
  --muted: light-dark(#5a626e, #9aa3ae); --line: GrayText; --line-strong: GrayText;
  --accent: var(--run-code-accent, light-dark(#2f4bd1, #93a8ff));
  --bad: light-dark(#b3261e, #ff8f87); --bad-soft: light-dark(#fce9e7, #3b1a18);
  --code-keyword: light-dark(#7a2fb0, #cf9bf5); --code-string: light-dark(#1a6b3a, #7fd6a0);
  --code-number: light-dark(#a34400, #f0a678); --code-comment: light-dark(#545d69, #a3adb8);
  --code-function: light-dark(#1f4fc0, #8fb4ff); --code-type: light-dark(#0b6673, #69cbd8);
  --code-invalid: light-dark(#b3261e, #ff8f87); --code-active: light-dark(#f4f6fb, #191d22);
  --code-selection: light-dark(#d6e0ff, #22315c); --code-match: light-dark(#e1e8ff, #26324f);
  --code-found: light-dark(#ffe7a3, #4a3b0e);
  --sans: system-ui, sans-serif; --mono: ui-monospace, monospace; --code-size: 14px;
  border: 1px solid var(--run-code-border, GrayText); border-radius: var(--run-code-radius, 6px); overflow: hidden;
}
`);
