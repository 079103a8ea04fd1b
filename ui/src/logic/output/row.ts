/** The line of output that is being written: text goes to its end, or over what stands there. */

import { type Style, sameStyle } from './sgr.ts';
import type { Line, Segment } from './terminal.ts';

/** One place of the line: a character with its marks, or a control by its name. */
type Cell = { text: string; style: Style } | { control: string; name: string };

const MARK = /^\p{M}$/u;

export class Row {
  #segments: Segment[] = [];
  /** The same as cells, as soon as somebody goes back in the line. */
  #cells: Cell[] | undefined;
  /** Where the next character goes; `undefined` is the end. */
  #at: number | undefined;
  #length = 0;
  #rewrites = 0;
  #moved = false;

  get isEmpty(): boolean {
    return (this.#cells ?? this.#segments).length === 0;
  }

  /** Whether it is longer than this, and nobody is going back in it. */
  isLong(most: number): boolean {
    return this.#length > most && this.#at === undefined;
  }

  toStart(): void {
    if (!this.isEmpty) this.#goTo(0);
  }

  back(): void {
    if (this.isEmpty) return;
    this.#goTo(Math.max(0, (this.#at ?? this.#open().length) - 1));
  }

  /** 0: from here to the end, 1: up to here, 2: all. What is erased counts as overwritten. */
  erase(what: 0 | 1 | 2): void {
    if (this.isEmpty || (what === 0 && this.#at === undefined)) return;
    const cells = this.#open();
    const at = this.#at ?? cells.length;
    const blank: Cell = { text: ' ', style: {} };
    if (what === 0) cells.length = at;
    else cells.fill(blank, 0, what === 1 ? at + 1 : cells.length);
    if (what === 2) cells.length = at;
    this.#overwritten();
    if (this.#at === cells.length) this.#at = undefined;
  }

  put(segment: Segment): void {
    this.#length += 'text' in segment ? segment.text.length : 1;
    if (this.#at === undefined) {
      if (this.#cells) this.#cells.push(...cellsOf(segment));
      else join(this.#segments, segment);
      return;
    }
    const cells = this.#open();
    let at = this.#at;
    for (const cell of cellsOf(segment)) {
      if ('text' in cell && MARK.test(cell.text) && at > 0) {
        const before = cells[at - 1];
        if (before && 'text' in before) cells[at - 1] = { ...before, text: before.text + cell.text };
        continue;
      }
      if (at < cells.length) this.#overwritten();
      cells[at++] = cell;
    }
    this.#at = at < cells.length ? at : undefined;
  }

  line(ended: boolean): Line {
    let segments = this.#segments;
    if (this.#cells) {
      segments = [];
      for (const cell of this.#cells) join(segments, { ...cell });
    }
    return { segments, ended, rewrites: this.#rewrites };
  }

  #goTo(at: number): void {
    this.#at = at < this.#open().length ? at : undefined;
    this.#moved = true;
  }

  #overwritten(): void {
    if (this.#moved) this.#rewrites++;
    this.#moved = false;
  }

  #open(): Cell[] {
    this.#cells ??= this.#segments.flatMap(cellsOf);
    return this.#cells;
  }
}

function cellsOf(segment: Segment): Cell[] {
  if ('control' in segment) return [segment];
  if ('note' in segment) return [];
  const cells: Cell[] = [];
  for (const char of segment.text) {
    const last = cells.at(-1);
    if (last && 'text' in last && MARK.test(char)) last.text += char;
    else cells.push({ text: char, style: segment.style });
  }
  return cells;
}

/** Adds a segment, or lengthens the last one when both are of a kind. */
function join(out: Segment[], segment: Segment): void {
  const last = out.at(-1);
  if (last && 'control' in last && 'control' in segment && last.name === segment.name) {
    last.control += segment.control;
  } else if (last && 'text' in last && 'text' in segment && sameStyle(last.style, segment.style)) {
    last.text += segment.text;
  } else {
    out.push({ ...segment });
  }
}
