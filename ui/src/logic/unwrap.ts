/**
 * A zip of a folder, as systems make them ("compress folder"), becomes a zip of what is in the folder: programs look for
 * their files beside themselves, and the folder's name is not theirs. Entries are copied as they are packed, attributes
 * and all: what the server refuses in the one it refuses in the other. (PKWARE's APPNOTE.TXT, 4.3 and 4.4.)
 */

import { isClutter } from './zip.ts';

interface Entry {
  /** Its record in the table of contents. */
  record: Uint8Array;
  name: Uint8Array;
  /** Its bytes as they are packed. */
  packed: Uint8Array;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** "A data descriptor follows": it does not any more. */
const DESCRIPTOR = 0x0008;

/** The folder that holds everything, and the zip without it; `undefined` when there is none. */
export function unwrap(zip: Uint8Array): { folder: string; bytes: Uint8Array<ArrayBuffer> } | undefined {
  const all = entriesOf(zip);
  if (!all) return undefined;
  const decoder = new TextDecoder('latin1');
  const kept = all.filter(({ name }) => !isClutter(decoder.decode(name)));
  const names = kept.map(({ name }) => decoder.decode(name));
  const slash = (names[0]?.indexOf('/') ?? -1) + 1;
  const folder = names[0]?.slice(0, slash) ?? '';
  const clean = (name: string) => !/(^|\/)\.\.(\/|$)|\\|\0/.test(name);
  if (slash < 2 || folder === './' || !names.every((name) => name.startsWith(folder) && clean(name)))
    return undefined;
  const inner = kept
    .map((entry) => ({ ...entry, name: entry.name.subarray(slash) }))
    .filter(({ name }) => name.length > 0);
  if (inner.length === 0) return undefined;
  return { folder: new TextDecoder().decode(kept[0]?.name.subarray(0, slash - 1)), bytes: write(inner) };
}

/** The entries of a zip; `undefined` when it is of a kind that we leave alone. */
function entriesOf(zip: Uint8Array): Entry[] | undefined {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  let end = zip.length - 22;
  while (end >= 0 && end > zip.length - 22 - 65_535 && view.getUint32(end, true) !== END) end--;
  if (end < 0 || view.getUint32(end, true) !== END) return undefined;
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  const entries: Entry[] = [];
  try {
    for (let n = 0; n < count; n++) {
      if (view.getUint32(at, true) !== CENTRAL) return undefined;
      const size = view.getUint32(at + 20, true);
      const nameLength = view.getUint16(at + 28, true);
      const length = 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
      const local = view.getUint32(at + 42, true);
      // 0xffffffff: the real number stands in a record of zip64.
      if (size === 0xffffffff || local === 0xffffffff || view.getUint32(local, true) !== LOCAL)
        return undefined;
      const from = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
      if (from + size > zip.length) return undefined;
      entries.push({
        record: zip.subarray(at, at + 46),
        name: zip.subarray(at + 46, at + 46 + nameLength),
        packed: zip.subarray(from, from + size),
      });
      at += length;
    }
  } catch {
    return undefined; // it points outside of itself
  }
  return entries;
}

function write(entries: Entry[]): Uint8Array<ArrayBuffer> {
  const size = entries.reduce((sum, { name, packed }) => sum + 30 + 46 + 2 * name.length + packed.length, 22);
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  let at = 0;
  const starts: number[] = [];
  for (const { record, name, packed } of entries) {
    starts.push(at);
    view.setUint32(at, LOCAL, true);
    // From "version needed" to the sizes both records have the same fields in the same order.
    out.set(record.subarray(6, 28), at + 4);
    view.setUint16(at + 6, view.getUint16(at + 6, true) & ~DESCRIPTOR, true);
    view.setUint16(at + 26, name.length, true);
    out.set(name, at + 30);
    out.set(packed, at + 30 + name.length);
    at += 30 + name.length + packed.length;
  }
  const table = at;
  for (const [n, { record, name }] of entries.entries()) {
    out.set(record, at);
    view.setUint16(at + 8, view.getUint16(at + 8, true) & ~DESCRIPTOR, true);
    view.setUint16(at + 28, name.length, true);
    view.setUint32(at + 30, 0, true); // no extra field, no comment
    view.setUint32(at + 42, starts[n] ?? 0, true);
    out.set(name, at + 46);
    at += 46 + name.length;
  }
  view.setUint32(at, END, true);
  view.setUint16(at + 8, entries.length, true);
  view.setUint16(at + 10, entries.length, true);
  view.setUint32(at + 12, at - table, true);
  view.setUint32(at + 16, table, true);
  return out;
}
