/** The lines in which two outputs differ. */

import type { Compare } from '../contract.ts';

/** Two outputs beside each other: each row is a line of both, and whether they differ. */
export interface DiffRow {
  expected: string | undefined;
  got: string | undefined;
  same: boolean;
}

/** The most lines that are laid beside each other. */
const MAX_ROWS = 400;

/**
 * Lines beside each other, by the longest run of lines that both have (within a bound; past it, by their number).
 * `compare` says whether white space at line ends counts.
 */
export function diff(expected: string, got: string, compare: Compare): DiffRow[] {
  const lines = (text: string) => {
    const all = text.split('\n');
    if (all.at(-1) === '') all.pop();
    return all.slice(0, MAX_ROWS);
  };
  const key = (line: string) =>
    compare === 'exact' ? line : compare === 'lines' ? line.trimEnd() : line.trim().split(/\s+/).join(' ');
  const [a, b] = [lines(expected), lines(got)];
  const [ka, kb] = [a.map(key), b.map(key)];
  const common = table(ka, kb);
  const rows: DiffRow[] = [];
  const [left, right]: [string[], string[]] = [[], []];
  const flush = () => {
    for (let i = 0; i < Math.max(left.length, right.length); i++)
      rows.push({ expected: left[i], got: right[i], same: false });
    left.length = 0;
    right.length = 0;
  };
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && ka[i] === kb[j]) {
      flush();
      rows.push({ expected: a[i++], got: b[j++], same: true });
    } else if (j >= b.length || (i < a.length && at(common, i + 1, j) >= at(common, i, j + 1))) {
      left.push(a[i++] as string);
    } else {
      right.push(b[j++] as string);
    }
  }
  flush();
  return rows;
}

function at(table: number[][], i: number, j: number): number {
  return table[i]?.[j] ?? 0;
}

/** How many lines both have in common from there on. */
function table(a: string[], b: string[]): number[][] {
  const rows = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      (rows[i] as number[])[j] =
        a[i] === b[j] ? at(rows, i + 1, j + 1) + 1 : Math.max(at(rows, i + 1, j), at(rows, i, j + 1));
  return rows;
}
