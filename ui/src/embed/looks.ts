/** How the element looks: like the host page's own code block, with a row and an output below it. Nothing here is inline. */

export const looks = new CSSStyleSheet();

looks.replaceSync(`
:host { display: block; margin-block: 1em; }
[hidden] { display: none !important; }
.bar, form { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; padding: 6px 0; font: 14px/1.4 system-ui, sans-serif; }
button { min-height: 28px; padding: 2px 10px; border: 1px solid var(--run-code-border, currentColor); border-radius: var(--run-code-radius, 6px); background: none; color: inherit; font: inherit; cursor: pointer; }
button.run { background: var(--run-code-accent, #2f4bd1); border-color: transparent; color: var(--run-code-on-accent, #fff); }
:focus-visible { outline: 2px solid var(--run-code-accent, Highlight); outline-offset: 2px; }
.verdict { unicode-bidi: isolate; overflow-wrap: anywhere; }
.verdict q { font-family: ui-monospace, monospace; }
.output { max-height: calc(var(--run-code-lines, 12) * 1.5em + 16px); margin: 0; padding: 8px 10px; overflow: auto; border: 1px solid var(--run-code-border, GrayText); border-radius: var(--run-code-radius, 6px); background: Canvas; color: CanvasText; font: 13px/1.5 ui-monospace, monospace; }
.output.all { max-height: none; }
.stretch { margin: 0; padding-left: 8px; border-left: 2px solid GrayText; font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; direction: ltr; unicode-bidi: isolate; contain: paint; }
.stretch[data-stream=stderr] { border-left-color: light-dark(#b3261e, #ff8f87); }
.stretch[data-stream=typed] { color: light-dark(#2f4bd1, #93a8ff); }
.place, .fold summary { border: 0; padding: 0; min-height: 0; text-decoration: underline; }
.ctl { opacity: .75; }
.b { font-weight: 700; } .i { font-style: italic; } .u { text-decoration: underline; } .s { text-decoration: line-through; }
form textarea { flex: 1; min-width: 8em; padding: 4px 8px; font: 13px/1.5 ui-monospace, monospace; }
ol { margin: 6px 0; padding-left: 1.6em; }
img { display: block; max-width: 100%; margin-top: 6px; background: #fff; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
`);
