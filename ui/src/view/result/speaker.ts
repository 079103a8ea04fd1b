/** Reads the output of a running program out: the first line at once, then at most one sentence in a while. */

import { inert } from '../../logic/output/special.ts';
import { say } from '../page/dom.ts';

const EVERY_MS = 3000;
/** A line that stops without a line feed is a question. */
const PROMPT_AFTER_MS = 700;
const MAX_CHARS = 120;

export class Speaker {
  #line = '';
  #lines = 0;
  #last = '';
  #said = 0;
  #timer = 0;

  write(text: string): void {
    const parts = (this.#line + text).split('\n');
    this.#line = parts.pop() ?? '';
    this.#lines += parts.length;
    this.#last = parts.findLast((line) => line.trim() !== '') ?? this.#last;
    clearTimeout(this.#timer);
    const wait = Math.max(this.#said + EVERY_MS - performance.now(), this.#lines > 0 ? 0 : PROMPT_AFTER_MS);
    this.#timer = window.setTimeout(() => this.#speak(), wait);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #speak(): void {
    const prompt = this.#line.trim();
    const parts: string[] = [];
    if (this.#lines === 1) parts.push(cut(this.#last));
    else if (this.#lines > 1) parts.push(`${this.#lines} more lines, last: ${cut(this.#last)}`);
    if (prompt !== '') parts.push(cut(prompt));
    this.#lines = 0;
    this.#line = '';
    if (parts.length === 0) return;
    this.#said = performance.now();
    say(parts.join('. '));
  }
}

function cut(text: string): string {
  const safe = inert(text.trim());
  return safe.length > MAX_CHARS ? `${safe.slice(0, MAX_CHARS)}…` : safe;
}
