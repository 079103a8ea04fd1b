/**
 * What a program wrote and what was typed to it, in the order in which it came. It is put on the page piece by piece, a few
 * milliseconds of each frame, and is `aria-busy` until all of it is there; lines that are far away are not laid out.
 */

import * as format from '../../logic/format.ts';
import { h, put } from '../page/dom.ts';
import type { Places } from './paint.ts';
import { LINES_OF_BLOCK, Section, type Source } from './section.ts';

type Chunk = { source: Source; text: string } | { source: Source; gap: string };

/** What may be done of each frame. */
const BUDGET_MS = 8;
/** A frame that does not come (a hidden page) is not waited for longer. */
const FRAME_WITHIN_MS = 250;
/** Text is read in pieces of this many characters: a piece takes well under a millisecond, however colourful it is. */
const PIECE = 1024;
/** More lines than this are not kept on the page while a program runs: the first and the last are. */
const MAX_LINES = 24_000;
const KEPT_FIRST_BLOCKS = 40;

export class Transcript {
  readonly element = h('div', { class: 'log' });
  #places: Places | undefined;
  #chunks: Chunk[] = [];
  #queue: Chunk[] = [];
  #section: Section | undefined;
  #raw = false;
  #ended = false;
  #frame = 0;
  #timer = 0;
  #blocks: HTMLElement[] = [];
  #dropped = 0;
  #lines = 0;
  #idle: (() => void)[] = [];

  constructor(places?: Places) {
    this.#places = places;
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  has(source: Source): boolean {
    return this.#chunks.some((chunk) => chunk.source === source);
  }

  /** How many lines the program has ended, whether they are on the page or not. */
  get lines(): number {
    return this.#lines;
  }

  /** The text of one stream, without what is not there of it. */
  text(...sources: Source[]): string {
    return this.#chunks
      .map((chunk) => (sources.includes(chunk.source) && 'text' in chunk ? chunk.text : ''))
      .join('');
  }

  write(source: Source, text: string): void {
    if (text === '') return;
    if (source !== 'typed') this.#lines += feeds(text);
    this.#add({ source, text });
  }

  /** A place where something was left out, in words. */
  gap(source: Source, words: string): void {
    this.#add({ source, gap: words });
  }

  /** No more comes. */
  end(): void {
    this.#ended = true;
    this.#schedule();
  }

  get raw(): boolean {
    return this.#raw;
  }

  /** Shows every control by its name, or carries out those that are carried out. */
  setRaw(raw: boolean): void {
    if (raw === this.#raw) return;
    this.#raw = raw;
    this.#again();
  }

  /** Done when everything that has come is on the page. */
  settled(): Promise<void> {
    if (this.#queue.length === 0 && this.#frame === 0) return Promise.resolve();
    return new Promise((done) => this.#idle.push(done));
  }

  #again(): void {
    this.element.replaceChildren();
    this.#section = undefined;
    this.#blocks = [];
    this.#dropped = 0;
    this.#queue = [...this.#chunks];
    this.#schedule();
  }

  #add(chunk: Chunk): void {
    const last = this.#chunks.at(-1);
    if (last && 'text' in last && 'text' in chunk && last.source === chunk.source) last.text += chunk.text;
    else this.#chunks.push({ ...chunk });
    this.#queue.push(chunk);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#frame !== 0) return;
    this.element.ariaBusy = 'true';
    const run = () => {
      cancelAnimationFrame(this.#frame);
      clearTimeout(this.#timer);
      this.#frame = 0;
      this.#work();
    };
    this.#frame = requestAnimationFrame(run);
    this.#timer = window.setTimeout(run, FRAME_WITHIN_MS);
  }

  #work(): void {
    const until = performance.now() + BUDGET_MS;
    while (this.#queue.length > 0 && performance.now() < until) this.#step();
    this.#section?.paint();
    if (this.#queue.length > 0) {
      this.#schedule();
      return;
    }
    if (this.#ended) this.#section?.end();
    this.element.ariaBusy = null;
    this.element.dispatchEvent(new CustomEvent('grown'));
    for (const done of this.#idle.splice(0)) done();
  }

  /** Takes a piece of what waits. */
  #step(): void {
    const [chunk] = this.#queue;
    if (!chunk) return;
    if (this.#section?.source !== chunk.source) {
      this.#section?.end();
      this.#section = new Section(chunk.source, this.#raw, this.#places, (block) => this.#grown(block));
      this.element.append(this.#section.element);
    }
    if ('gap' in chunk) {
      this.#section.gap(chunk.gap);
      this.#queue.shift();
    } else if (chunk.text.length <= PIECE) {
      this.#section.write(chunk.text);
      this.#queue.shift();
    } else {
      // Not between the halves of a character.
      const cut = /[\ud800-\udbff]/.test(chunk.text.charAt(PIECE - 1)) ? PIECE - 1 : PIECE;
      this.#section.write(chunk.text.slice(0, cut));
      this.#queue[0] = { source: chunk.source, text: chunk.text.slice(cut) };
    }
  }

  /** Keeps the page from growing without end. */
  #grown(block: HTMLElement): void {
    this.#blocks.push(block);
    if (this.#blocks.length * LINES_OF_BLOCK <= MAX_LINES) return;
    const [gone] = this.#blocks.splice(KEPT_FIRST_BLOCKS, 1);
    this.#dropped += LINES_OF_BLOCK;
    const mark = this.element.querySelector('.gap.dropped') ?? h('div', { class: 'gap dropped' });
    mark.textContent = `${format.count(this.#dropped)} lines are not shown here`;
    if (!mark.isConnected || !mark.parentNode) gone?.before(mark);
    gone?.remove();
  }
}

function feeds(text: string): number {
  let n = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) n++;
  return n;
}

/** A remark of the page's own in the place of output. */
export function remark(words: string): HTMLElement {
  const line = h('p', { class: 'empty' });
  put(line, words);
  return line;
}
