/** The drawer under the editor: input, arguments, tests, limits. One part is open at a time, or none. */

import { type Limits, MAX_ARGS, MAX_ARGS_BYTES, MAX_STDIN_BYTES } from '../../contract.ts';
import * as format from '../../logic/format.ts';
import { byteLength } from '../../logic/text.ts';
import { joinWords, splitWords } from '../../logic/words.ts';
import { byId, h } from '../page/dom.ts';

type Part = 'input' | 'args' | 'tests' | 'limits';

export class Tray {
  readonly #stdin = byId<HTMLTextAreaElement>('stdin');
  readonly #args = byId<HTMLInputElement>('args');
  readonly #more = byId<HTMLInputElement>('stdin-more');
  readonly #time = byId<HTMLInputElement>('limit-time');
  readonly #memory = byId<HTMLInputElement>('limit-memory');
  readonly #collect = byId<HTMLInputElement>('collect');
  readonly #tabs = [...document.querySelectorAll<HTMLElement>('.tab')];
  readonly #changed: () => void;
  #most: Limits | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
    for (const tab of this.#tabs) {
      tab.addEventListener('click', () => {
        const open = tab.getAttribute('aria-expanded') === 'true';
        this.#show(open ? undefined : tab);
      });
    }
    const edited = () => {
      this.#render();
      changed();
    };
    for (const field of [this.#stdin, this.#args, this.#more, this.#time, this.#memory, this.#collect])
      field.addEventListener('input', edited);
    this.#render();
  }

  get stdin(): string {
    return this.#stdin.value;
  }

  /** Whether something may be typed while it runs: where no input is given, or more is to come. */
  get live(): boolean {
    return this.#stdin.value === '' || this.#more.checked;
  }

  get args(): string[] {
    const split = splitWords(this.#args.value);
    return 'words' in split ? split.words : [];
  }

  /** The line as it was typed, for the draft. */
  get argsLine(): string {
    return this.#args.value;
  }

  /** Nothing has been filled in. */
  get isEmpty(): boolean {
    return this.#stdin.value === '' && this.#args.value === '' && !this.collect && this.limits === undefined;
  }

  get collect(): boolean {
    return this.#collect.checked;
  }

  /** The limits that are lower than the server's. */
  get limits(): Partial<Limits> | undefined {
    const limits: Partial<Limits> = {};
    if (this.#time.value !== '') limits.timeout_seconds = Number(this.#time.value);
    if (this.#memory.value !== '') limits.memory_mb = Number(this.#memory.value);
    return Object.keys(limits).length > 0 ? limits : undefined;
  }

  /** What the server allows at most. */
  setMost(limits: Limits): void {
    this.#most = limits;
    this.#time.max = String(limits.timeout_seconds);
    this.#time.placeholder = String(limits.timeout_seconds);
    this.#memory.max = String(limits.memory_mb);
    this.#memory.placeholder = String(limits.memory_mb);
    byId('limit-time-most').textContent = `of ${format.seconds(limits.timeout_seconds)}`;
    byId('limit-memory-most').textContent = `of ${limits.memory_mb} MB`;
  }

  set(stdin: string, argsLine: string, limits?: Partial<Limits>, collect = false): void {
    this.#stdin.value = stdin;
    this.#more.checked = false;
    this.#args.value = argsLine;
    this.#time.value = limits?.timeout_seconds === undefined ? '' : String(limits.timeout_seconds);
    this.#memory.value = limits?.memory_mb === undefined ? '' : String(limits.memory_mb);
    this.#collect.checked = collect;
    this.#render();
    this.#changed();
  }

  setWords(stdin: string, args: string[], limits?: Partial<Limits>, collect = false): void {
    this.set(stdin, joinWords(args), limits, collect);
  }

  /** Opens a part, and with `focus` goes into it. */
  open(part: Part, focus = false): void {
    this.#show(this.#tabs.find((tab) => tab.getAttribute('aria-controls') === `tray-${part}`));
    if (focus) byId(`tray-${part}`).querySelector<HTMLElement>('textarea, input, button')?.focus();
  }

  setTestCount(n: number): void {
    byId('badge-tests').textContent = n > 0 ? String(n) : '';
  }

  /** Why this cannot be run, if so. */
  get fault(): string | undefined {
    const size = byteLength(this.#stdin.value);
    if (size > MAX_STDIN_BYTES)
      return `Standard input is too long: ${format.bytes(size)}, at most ${format.bytes(MAX_STDIN_BYTES)} are allowed.`;
    const split = splitWords(this.#args.value);
    if ('error' in split) return `Arguments: ${split.error}`;
    if (split.words.length > MAX_ARGS)
      return `Too many arguments: ${split.words.length}, at most ${MAX_ARGS} are allowed.`;
    const argsSize = split.words.reduce((sum, word) => sum + byteLength(word), 0);
    if (argsSize > MAX_ARGS_BYTES)
      return `The arguments are too long: ${format.bytes(argsSize)}, at most 16 KB are allowed.`;
    return this.#limitFault();
  }

  #limitFault(): string | undefined {
    const { timeout_seconds: time, memory_mb: memory } = this.limits ?? {};
    const most = this.#most;
    if (time !== undefined && !(time > 0 && (!most || time <= most.timeout_seconds)))
      return `The time limit must be more than 0${most ? ` and at most ${format.seconds(most.timeout_seconds)}` : ''}.`;
    if (
      memory !== undefined &&
      !(Number.isInteger(memory) && memory > 0 && (!most || memory <= most.memory_mb))
    )
      return `The memory limit must be a whole number of MB${most ? `, at most ${most.memory_mb}` : ''}.`;
    return undefined;
  }

  #show(tab: HTMLElement | undefined): void {
    for (const each of this.#tabs) {
      const open = each === tab;
      each.setAttribute('aria-expanded', String(open));
      byId(each.getAttribute('aria-controls') ?? '').hidden = !open;
    }
  }

  #render(): void {
    const size = byteLength(this.#stdin.value);
    const note = byId('stdin-note');
    const most = format.bytes(MAX_STDIN_BYTES);
    note.textContent = size === 0 ? 'Empty: you type while it runs.' : `${format.bytes(size)} of ${most}`;
    note.dataset.state = size > MAX_STDIN_BYTES ? 'bad' : '';
    byId('stdin-more-field').hidden = size === 0;
    byId('badge-input').textContent = size > 0 ? format.bytes(size) : '';

    const split = splitWords(this.#args.value);
    const words = 'words' in split ? split.words : [];
    const argsNote = byId('args-note');
    argsNote.dataset.state = 'error' in split ? 'bad' : '';
    if ('error' in split) argsNote.replaceChildren(split.error);
    else if (words.length === 0) argsNote.replaceChildren('None.');
    else
      argsNote.replaceChildren(
        'The program gets',
        ...words.map((word) => h('code', {}, word === '' ? '""' : word)),
      );
    byId('badge-args').textContent = words.length > 0 ? String(words.length) : '';
    const set = [this.limits?.timeout_seconds, this.limits?.memory_mb].filter(
      (one) => one !== undefined,
    ).length;
    byId('badge-limits').textContent = set > 0 ? String(set) : '';
    const fault = this.#limitFault();
    byId('limits-note').textContent =
      fault ?? 'Lower than the server allows, to try how your program bears it.';
    byId('limits-note').dataset.state = fault ? 'bad' : '';
  }
}
