/** How the editor looks: in the colours of the page, whose custom properties reach into the shadow root. */

import { HighlightStyle } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

export const highlight = HighlightStyle.define([
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

export const looks = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--pane)', fontSize: 'var(--code-size)' },
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
    lineHeight: 'calc(var(--code-size) * 1.6)',
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
  '.cm-fault': { textDecoration: 'underline wavy var(--bad) 1px', textUnderlineOffset: '3px' },
  '.cm-fault-line': { backgroundColor: 'var(--bad-soft)' },
  '.cm-faults': { width: '14px' },
  '.cm-fault-mark': { color: 'var(--bad)', cursor: 'pointer', paddingLeft: '4px' },
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
  '@media (forced-colors: active)': {
    '&.cm-focused': { outline: '2px solid Highlight', outlineOffset: '-2px' },
    '.cm-selectionBackground': { background: 'Highlight !important' },
  },
  ':focus-visible': { outline: '2px solid var(--accent)', outlineOffset: '1px' },
  '.cm-content:focus-visible': { outline: 'none' },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', color: 'var(--text)', border: '1px solid var(--line)' },
});
