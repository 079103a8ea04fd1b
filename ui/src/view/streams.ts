/** What a program wrote: stdout and stderr, each with its size, what is missing of it, and ways to take it along. */

import type { Execution } from '../contract.ts';
import { parseAnsi, type Segment } from '../logic/ansi.ts';
import { DARK, LIGHT, resolve } from '../logic/color.ts';
import * as format from '../logic/format.ts';
import { splitAtByte } from '../logic/gap.ts';
import { fromBase64 } from '../logic/request.ts';
import { stderrOf, truncation } from '../logic/status.ts';
import { byteLength } from '../logic/text.ts';
import { copy, download } from './copy.ts';
import { h } from './dom.ts';
import { isDark } from './themes.ts';

/** A section for each stream with something in it; where neither has, stdout's says so. */
export function streams(execution: Execution): HTMLElement[] {
  const stderr = stderrOf(execution);
  const sections: HTMLElement[] = [];
  if (execution.output !== '' || stderr === '') sections.push(section(execution, 'output', execution.output));
  if (stderr !== '') sections.push(section(execution, 'error', stderr));
  return sections;
}

function section(execution: Execution, key: 'output' | 'error', text: string): HTMLElement {
  const base64 = execution[`${key}_base64`];
  const raw = base64 === undefined ? undefined : fromBase64(base64);
  const kept = raw?.length ?? byteLength(text);
  const total = execution.bytes?.[key] ?? kept;
  const cut = execution.truncated?.[key] ?? false;
  const [name, stream] = key === 'output' ? ['Output', 'stdout'] : ['Errors', 'stderr'];

  const head = h(
    'div',
    { class: 'stream-head' },
    h('h3', {}, name),
    h('span', { class: 'size' }, total > 0 ? `${stream} · ${format.bytes(total)}` : stream),
    h('span', { class: 'grow' }),
  );
  const element = h(
    'section',
    { class: 'stream', 'data-stream': stream, 'aria-label': `${name} (${stream})` },
    head,
  );
  const button = (word: string, label: string, run: () => void) =>
    head.append(
      h('button', { class: 'button quiet', type: 'button', 'aria-label': label, onclick: run }, word),
    );
  if (text !== '') button('Copy', `Copy ${name.toLowerCase()}`, () => void copy(text, `${name} copied.`));
  if (raw) {
    button('Download', `Download ${stream} as bytes`, () => download(`${execution.id}.${stream}.bin`, raw));
    element.append(
      h(
        'p',
        { class: 'cut' },
        'Not text: what no character stands for shows as �. Download the bytes as they are.',
      ),
    );
  } else if (cut) {
    const bytes = new TextEncoder().encode(text);
    button('Download', `Download what was kept of ${stream}`, () =>
      download(`${execution.id}.${stream}.txt`, bytes),
    );
  }
  if (cut) element.append(h('p', { class: 'cut' }, truncation(kept, total, execution.omitted?.[key])));

  const pre = h('pre', { tabindex: 0, role: 'group', 'aria-label': `${name}, text` });
  if (text === '') {
    pre.append(h('span', { class: 'nothing' }, 'Nothing was written.'));
    pre.removeAttribute('tabindex');
    pre.removeAttribute('role');
    pre.removeAttribute('aria-label');
  } else {
    const gap = execution.omitted?.[key];
    if (gap === undefined) pre.append(...paint(parseAnsi(text)));
    else {
      const [before, after] = splitAtByte(raw ?? new TextEncoder().encode(text), gap.after_bytes);
      const note = h('span', { class: 'gap' }, `${format.bytes(gap.bytes)} were not kept here`);
      pre.append(...paint(parseAnsi(before)), note, ...paint(parseAnsi(after)));
    }
  }
  element.append(pre);
  return element;
}

/** Text as nodes, in the colours that can be read on the page as it is: light or dark. */
function paint(segments: Segment[]): Node[] {
  const palette = isDark() ? DARK : LIGHT;
  return segments.map((segment) => {
    if ('control' in segment) return h('span', { class: 'ctl', title: segment.name }, segment.control);
    const { style, text } = segment;
    const classes = [
      style.bold && 'b',
      style.italic && 'i',
      style.underline && 'u',
      style.strike && 's',
    ].filter(Boolean);
    const { color, background } = resolve(style, palette);
    if (classes.length === 0 && !color) return document.createTextNode(text);
    const span = h('span', classes.length > 0 ? { class: classes.join(' ') } : {}, text);
    if (color) span.style.color = color;
    if (background) span.style.backgroundColor = background;
    return span;
  });
}
