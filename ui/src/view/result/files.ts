/**
 * Files that a program has left. Pictures are shown as pictures, in which nothing can run; tables by their first rows; all
 * else can be taken along. What a program wrote is never read as a page.
 */

import '../../result-layer.ts';
import type { Execution, LeftFile } from '../../contract.ts';
import { asText, fromBase64 } from '../../logic/bytes.ts';
import * as format from '../../logic/format.ts';
import { readRows } from '../../logic/rows.ts';
import { download } from '../page/copy.ts';
import { byId, h } from '../page/dom.ts';

/** Kinds of pictures, by their ending and by what they begin with: a name alone makes nothing a picture. */
const PICTURES: [ending: RegExp, type: string, begins: (bytes: Uint8Array) => boolean][] = [
  [/\.png$/i, 'image/png', (b) => b[0] === 0x89 && b[1] === 0x50],
  [/\.jpe?g$/i, 'image/jpeg', (b) => b[0] === 0xff && b[1] === 0xd8],
  [/\.gif$/i, 'image/gif', (b) => b[0] === 0x47 && b[1] === 0x49],
  [/\.webp$/i, 'image/webp', (b) => b[8] === 0x57 && b[9] === 0x45],
  [/\.svg$/i, 'image/svg+xml', (b) => asText(b)?.includes('<svg') ?? false],
];
const MAX_INLINE = 4;
const MAX_ROWS = 100;

/** Shows the files in their own place, and the first pictures below the output too. */
export function showFiles(body: HTMLElement, execution: Execution, output: HTMLElement): void {
  const files = (execution.files ?? []).map((file) => ({ ...file, bytes: fromBase64(file.content) }));
  const all = h(
    'button',
    { class: 'button small', type: 'button', onclick: () => void saveAll(execution.id, files) },
    'All as zip',
  );
  const omitted = (execution.files_omitted ?? []).map(({ name, size, why }) =>
    h(
      'li',
      { class: 'omitted' },
      h('b', {}, name),
      ` ${size === undefined ? '' : format.bytes(size)} `,
      h('span', { class: 'note' }, `Not brought back: ${why}`),
    ),
  );
  body.replaceChildren(
    ...(files.length > 1 ? [all] : []),
    h('ul', { class: 'left-files' }, ...files.map((file) => h('li', {}, ...entry(file))), ...omitted),
  );
  const pictures = files.map(picture).filter((one) => one !== undefined);
  output.append(...pictures.slice(0, MAX_INLINE));
  if (pictures.length > MAX_INLINE)
    output.append(
      h('p', { class: 'empty' }, `${pictures.length - MAX_INLINE} more pictures are among the files.`),
    );
}

type Bytes = LeftFile & { bytes: Uint8Array<ArrayBuffer> };

function entry(file: Bytes): (HTMLElement | string)[] {
  const save = () => download(lastName(file.name), file.bytes);
  const button = h(
    'button',
    { class: 'button small', type: 'button', 'aria-label': `Download ${file.name}`, onclick: save },
    'Download',
  );
  const shown = picture(file) ?? table(file);
  return [h('b', {}, file.name), ` ${format.bytes(file.size)} `, button, ...(shown ? [shown] : [])];
}

function picture(file: Bytes): HTMLElement | undefined {
  const kind = PICTURES.find(([ending, , begins]) => ending.test(file.name) && begins(file.bytes));
  if (!kind) return undefined;
  const alt = `${file.name}, ${format.bytes(file.size)}`;
  const image = h('img', { alt, loading: 'lazy', decoding: 'async' });
  image.src = `data:${kind[1]};base64,${file.content}`;
  const open = h('button', {
    class: 'picture',
    type: 'button',
    'aria-label': `Show ${alt} in full`,
    onclick: () => enlarge(image),
  });
  open.append(image);
  return open;
}

function enlarge(image: HTMLImageElement): void {
  const dialog = byId<HTMLDialogElement>('picture-dialog');
  const copy = h('img', { alt: image.alt });
  copy.src = image.src;
  byId('picture').replaceChildren(copy);
  dialog.showModal();
}

function table(file: Bytes): HTMLElement | undefined {
  const separator = /\.csv$/i.test(file.name) ? ',' : /\.tsv$/i.test(file.name) ? '\t' : undefined;
  const text = separator && asText(file.bytes);
  if (!separator || text === undefined) return undefined;
  const rows = readRows(text, separator, MAX_ROWS + 1);
  const [head = [], ...rest] = rows;
  const cells = (row: string[], tag: 'td' | 'th') =>
    h('tr', {}, ...row.map((cell) => h(tag, tag === 'th' ? { scope: 'col' } : {}, cell)));
  const body = h('tbody', {}, ...rest.slice(0, MAX_ROWS).map((row) => cells(row, 'td')));
  const box = h('div', {
    class: 'sheet',
    tabindex: 0,
    role: 'group',
    'aria-label': `${file.name}, the first rows`,
  });
  box.append(h('table', {}, h('thead', {}, cells(head, 'th')), body));
  return box;
}

async function saveAll(id: string, files: Bytes[]): Promise<void> {
  const { zipSync } = await import('fflate');
  const all = Object.fromEntries(files.map(({ name, bytes }) => [name, bytes]));
  download(`${id}.zip`, zipSync(all) as Uint8Array<ArrayBuffer>);
}

function lastName(name: string): string {
  return name.split('/').at(-1) || 'file';
}
