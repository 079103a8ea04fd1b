/**
 * What a program wrote, as lines that are safe to show. Colours and type styles are kept; carriage return, backspace and
 * "erase line" work as in a terminal, but only within the line that is being written: nothing can change a line that has
 * ended, and none of the page. Every other control becomes visible, and none is silently dropped.
 * Text comes in pieces, as it is written; the lines come out as data, for a view that makes text nodes of them.
 */

import { Row } from './row.ts';
import { applySgr, type Style } from './sgr.ts';
import { longName, MAX_MARKS, PILE, pile, SPECIAL, visible } from './special.ts';

/** A stretch of text in one style; a control by its visible name; a remark of the page's own. */
export type Segment = { text: string; style: Style } | { control: string; name: string } | { note: string };

/** A line, or the beginning of one that is too long to be held open. */
export interface Line {
  segments: Segment[];
  /** Whether a line feed ends it. */
  ended: boolean;
  /** How often text of it was overwritten. */
  rewrites: number;
}

export interface Options {
  /** Nothing is carried out, and everything is named. */
  raw?: boolean;
}

/** Past this many stretches the rest is shown plain: a page of confetti must not stop the browser. */
export const MAX_SEGMENTS = 20_000;
/** A line longer than this is not held open: what stands of it can no longer be overwritten. */
const MAX_OPEN = 4096;

const ESCAPE = '\x1b';
const CSI = /\x1b\[([0-?]*)([ -/]*)([@-~])/y;
const OSC = /\x1b[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)/y;
/** A sequence that has begun, and may end in the next piece. */
const UNFINISHED = /\x1b(?:\[[0-?]{0,256}[ -/]{0,16}|[\]PX^_][^\x07\x1b]{0,4096}\x1b?)?$/;

export class Terminal {
  readonly #raw: boolean;
  #style: Style = {};
  #row = new Row();
  #lines: Line[] = [];
  #rest = '';
  #segments = 0;
  #plain = false;
  /** How many marks stand at the end of what has been written: more of them may come in the next piece. */
  #marks = 0;

  constructor({ raw = false }: Options = {}) {
    this.#raw = raw;
  }

  write(piece: string): void {
    let text = this.#rest + piece;
    this.#rest = '';
    if (!this.#raw) {
      const open = text.length > 8192 ? text.slice(-8192).search(UNFINISHED) : text.search(UNFINISHED);
      if (open >= 0) {
        const at = text.length > 8192 ? text.length - 8192 + open : open;
        this.#rest = text.slice(at);
        text = text.slice(0, at);
      }
    }
    this.#read(text);
  }

  /** No more comes: what was held back as unfinished is shown for what it is. */
  end(): void {
    const rest = this.#rest;
    this.#rest = '';
    if (rest !== '') this.#read(rest, true);
  }

  /** The lines that have been finished since the last call. */
  take(): Line[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  /** The line that is being written, as it stands; `undefined` where nothing is. */
  get open(): Line | undefined {
    return this.#row.isEmpty ? undefined : this.#row.line(false);
  }

  #read(text: string, literally = this.#raw): void {
    let from = this.#pileOver(text);
    SPECIAL.lastIndex = from;
    for (let match = SPECIAL.exec(text); match; match = SPECIAL.exec(text)) {
      const piled = pile(match[0]);
      const at = match.index + (piled?.kept.length ?? 0);
      this.#text(text, from, at);
      let end = match.index + match[0].length;
      if (match[0] === ESCAPE && !literally) end = this.#escape(text, at) ?? end;
      else if (piled) this.#control(piled.note, 'combining marks, piled up');
      else if (match[0] === '\r' && text[end] === '\n') {
        // Windows' line ending.
        if (this.#raw) this.#control('‹CR›', 'carriage return');
      } else if (match[0] === '\r' && !this.#raw) this.#row.toStart();
      else if (match[0] === '\b' && !this.#raw) this.#row.back();
      else this.#control(visible(match[0]), longName(match[0]));
      from = end;
      SPECIAL.lastIndex = end;
    }
    this.#text(text, from, text.length);
    const tail = /\p{M}+$/u.exec(text.slice(-2 * PILE))?.[0] ?? '';
    const whole = tail.length === text.length ? this.#marks : 0;
    this.#marks = whole + [...tail].length;
  }

  /** Marks that go on from the piece before are of one pile with it. */
  #pileOver(text: string): number {
    if (this.#marks === 0) return 0;
    const more = /^\p{M}+/u.exec(text)?.[0] ?? '';
    const marks = [...more];
    if (marks.length === 0 || this.#marks + marks.length < PILE) return 0;
    const kept = Math.max(0, MAX_MARKS - this.#marks);
    this.#text(more, 0, marks.slice(0, kept).join('').length);
    this.#control(`‹${marks.length - kept} more marks›`, 'combining marks, piled up');
    return more.length;
  }

  /** Carries a sequence out or names it; says where it ends. */
  #escape(text: string, at: number): number | undefined {
    CSI.lastIndex = at;
    OSC.lastIndex = at;
    const sequence = (CSI.exec(text) ?? OSC.exec(text))?.[0];
    if (sequence === undefined) {
      this.#control(visible(ESCAPE), longName(ESCAPE));
      return undefined;
    }
    const sgr = /^\x1b\[([\d;:]*)m$/.exec(sequence);
    const erase = /^\x1b\[([012]?)K$/.exec(sequence);
    if (sgr) {
      if (!this.#plain) this.#style = applySgr(this.#style, sgr[1] ?? '');
    } else if (erase) this.#row.erase(Number(erase[1] || 0) as 0 | 1 | 2);
    else this.#control(visible(sequence), 'terminal control sequence');
    return at + sequence.length;
  }

  #text(text: string, from: number, to: number): void {
    for (let at = from; at < to; ) {
      const feed = text.indexOf('\n', at);
      const end = feed < 0 || feed >= to ? to : feed;
      if (end > at) this.#put({ text: text.slice(at, end), style: this.#style });
      if (end === to) return;
      this.#finish(true);
      at = end + 1;
    }
  }

  #control(control: string, name: string): void {
    this.#put(this.#plain ? { text: control, style: {} } : { control, name });
  }

  #put(segment: Segment): void {
    this.#row.put(segment);
    if (this.#row.isLong(MAX_OPEN)) this.#finish(false);
  }

  #finish(ended: boolean): void {
    const line = this.#row.line(ended);
    this.#row = new Row();
    this.#segments += line.segments.length;
    if (this.#segments > MAX_SEGMENTS && !this.#plain) {
      this.#plain = true;
      this.#style = {};
      line.segments.push({ note: 'From here on colours are not shown.' });
    }
    this.#lines.push(line);
  }
}

/** All lines of a text that is there as a whole. */
export function readLines(text: string, options?: Options): Line[] {
  const terminal = new Terminal(options);
  terminal.write(text);
  terminal.end();
  const lines = terminal.take();
  return terminal.open ? [...lines, terminal.open] : lines;
}
