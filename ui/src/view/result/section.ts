/** A stretch of what one stream wrote, in blocks of lines. Frames of a stack trace that are not the program's own are folded. */

import { type Line, Terminal } from '../../logic/output/terminal.ts';
import { isForeignFrame, isQuoteOfFrame } from '../../logic/places.ts';
import { h } from '../page/dom.ts';
import { type Places, paintLine, plainText } from './paint.ts';

export type Source = 'stdout' | 'stderr' | 'typed' | 'compiler';

/**
 * So many lines are laid out, or not, together; about a screen of them, since a block that comes into sight is laid out as a
 * whole. `.lines` in output.css knows how high so many lines are.
 */
export const LINES_OF_BLOCK = 50;

const WORDS: Record<Source, string> = {
  stdout: 'Output, standard output',
  stderr: 'Errors, standard error',
  typed: 'You typed',
  compiler: 'The compiler',
};

export class Section {
  readonly source: Source;
  readonly element: HTMLElement;
  readonly #terminal: Terminal;
  readonly #places: Places | undefined;
  readonly #full: (block: HTMLElement) => void;
  #block: HTMLElement;
  #lines = 0;
  #plain = '';
  #open: HTMLElement | undefined;
  #fold: { body: HTMLElement; summary: HTMLElement; lines: number } | undefined;

  constructor(source: Source, raw: boolean, places: Places | undefined, full: (block: HTMLElement) => void) {
    this.source = source;
    this.#terminal = new Terminal({ raw });
    this.#places = source === 'typed' ? undefined : places;
    this.#full = full;
    this.element = h('pre', {
      class: 'stretch',
      'data-stream': source,
      role: 'group',
      'aria-label': WORDS[source],
    });
    this.#block = this.#newBlock();
  }

  write(text: string): void {
    this.#terminal.write(text);
    this.#take();
  }

  /** Shows the line that is still being written. */
  paint(): void {
    this.#flush();
    const line = this.#terminal.open;
    if (!line) {
      this.#open?.remove();
      this.#open = undefined;
      return;
    }
    this.#open ??= h('span', { class: 'open' });
    this.#open.replaceChildren(...paintLine(line, this.#places));
    this.#block.append(this.#open);
  }

  end(): void {
    this.#terminal.end();
    this.#take();
    this.paint();
  }

  gap(words: string): void {
    this.end();
    this.#block.append(h('span', { class: 'gap' }, words));
  }

  #take(): void {
    const lines = this.#terminal.take();
    if (lines.length > 0) {
      this.#open?.remove();
      this.#open = undefined;
    }
    for (const line of lines) this.#line(line);
  }

  #line(line: Line): void {
    const plain = plainText(line, this.#places);
    const text = plain ?? line.segments.map((one) => ('text' in one ? one.text : '')).join('');
    if (this.source === 'stderr' && this.#folds(text, line)) return;
    if (plain !== undefined) this.#plain += line.ended ? `${plain}\n` : plain;
    else {
      this.#flush();
      this.#block.append(...paintLine(line, this.#places));
      if (line.ended) this.#plain = '\n';
    }
    if (line.ended && ++this.#lines >= LINES_OF_BLOCK) {
      this.#flush();
      this.#full(this.#block);
      this.#block = this.#newBlock();
      this.#lines = 0;
    }
  }

  /** Frames of a stack trace that are the language's own are folded. */
  #folds(text: string, line: Line): boolean {
    const goesOn = this.#fold !== undefined && isQuoteOfFrame(text);
    if (!isForeignFrame(text) && !goesOn) {
      this.#fold = undefined;
      return false;
    }
    this.#flush();
    if (!this.#fold) {
      const body = h('span', { class: 'frames' });
      const summary = h('summary', {});
      this.#block.append(h('details', { class: 'fold' }, summary, body));
      this.#fold = { body, summary, lines: 0 };
    }
    if (!goesOn || isForeignFrame(text)) this.#fold.lines++;
    const n = this.#fold.lines;
    this.#fold.summary.textContent = n === 1 ? '1 frame that is not yours' : `${n} frames that are not yours`;
    this.#fold.body.append(...paintLine(line), line.ended ? '\n' : '');
    return true;
  }

  #flush(): void {
    if (this.#plain === '') return;
    // Text that is safe already: the terminal has named what is special in it.
    const before = this.#open;
    const node = document.createTextNode(this.#plain);
    if (before?.parentNode === this.#block) this.#block.insertBefore(node, before);
    else this.#block.append(node);
    this.#plain = '';
  }

  #newBlock(): HTMLElement {
    const block = h('div', { class: 'lines' });
    this.element.append(block);
    return block;
  }
}
