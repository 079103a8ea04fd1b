/** The tray's part for test cases: what a program gets, and what it must write. */

import type { Compare, TestCase, TestCases } from '../../contract.ts';
import { COMPARE_WORDS, MAX_CASES, NEW_CASE } from '../../logic/cases.ts';
import { byId, h, option } from '../page/dom.ts';

export class TestsView {
  readonly #changed: () => void;
  /** A test is about to go, as these words say. */
  readonly #removing: (words: string) => void;
  #cases: TestCase[] = [];
  #compare: Compare = 'lines';
  readonly #reveal = byId<HTMLInputElement>('reveal');
  /** A teacher's link: they are not to be changed. */
  #fixed = false;

  constructor(changed: () => void, removing: (words: string) => void) {
    this.#changed = changed;
    this.#removing = removing;
    const compare = byId<HTMLSelectElement>('compare');
    compare.replaceChildren(...Object.entries(COMPARE_WORDS).map(([value, words]) => option(words, value)));
    compare.addEventListener('change', () => {
      this.#compare = compare.value as Compare;
      this.#changed();
    });
    this.#reveal.addEventListener('input', () => this.#changed());
    byId('add-test').addEventListener('click', () => {
      this.add({ ...NEW_CASE });
      this.#list.lastElementChild?.querySelector<HTMLElement>('textarea')?.focus();
    });
    this.#render();
  }

  get #list(): HTMLElement {
    return byId('test-list');
  }

  /** The cases, or nothing where there are none. */
  get tests(): TestCases | undefined {
    return this.#cases.length > 0
      ? {
          ...{ cases: this.#cases.map((one) => ({ ...one })), compare: this.#compare },
          ...(this.#reveal.checked ? {} : { reveal: false as const }),
        }
      : undefined;
  }

  get fixed(): boolean {
    return this.#fixed;
  }

  get count(): number {
    return this.#cases.length;
  }

  set(tests: TestCases | undefined, fixed = false): void {
    this.#cases = tests?.cases.map((one) => ({ ...one })) ?? [];
    this.#compare = tests?.compare ?? 'lines';
    this.#reveal.checked = tests?.reveal !== false;
    this.#fixed = fixed && this.#cases.length > 0;
    this.#render();
    this.#changed();
  }

  add(test: TestCase): void {
    if (this.#fixed || this.#cases.length >= MAX_CASES) return;
    this.#cases.push(test);
    this.#render();
    this.#changed();
  }

  /** From now on this test expects this output. */
  expect(n: number, output: string): void {
    const test = this.#cases[n];
    if (!test || this.#fixed) return;
    test.expected = output;
    this.#render();
    this.#changed();
  }

  #render(): void {
    byId<HTMLSelectElement>('compare').value = this.#compare;
    byId<HTMLSelectElement>('compare').disabled = this.#fixed;
    byId('add-test').hidden = this.#fixed;
    byId('reveal-field').hidden = this.#cases.length === 0;
    this.#reveal.disabled = this.#fixed;
    byId('tests-note').textContent = this.#fixed
      ? 'These tests came with the link, and stay as they are.'
      : this.#cases.length === 0
        ? 'None. A test gives the program input, and says what it must write.'
        : '';
    this.#list.replaceChildren(...this.#cases.map((test, n) => this.#row(test, n)));
  }

  #row(test: TestCase, n: number): HTMLElement {
    const number = n + 1;
    if (this.#fixed && test.hidden) {
      return h(
        'li',
        { class: 'test' },
        h('span', { class: 'test-number' }, `#${number}`),
        h('span', { class: 'note' }, test.name || 'hidden'),
      );
    }
    const field = (key: 'stdin' | 'expected', label: string) => {
      const area = h('textarea', {
        rows: 2,
        spellcheck: 'false',
        autocapitalize: 'off',
        'aria-label': `${label} of test ${number}`,
        placeholder: label,
        readonly: this.#fixed || undefined,
      });
      area.value = test[key];
      area.addEventListener('input', () => {
        test[key] = area.value;
        this.#changed();
      });
      return area;
    };
    const hidden = h('input', { type: 'checkbox', disabled: this.#fixed || undefined });
    hidden.checked = test.hidden;
    hidden.addEventListener('input', () => {
      test.hidden = hidden.checked;
      this.#changed();
    });
    const remove = () => {
      if (test.stdin !== '' || test.expected !== '') this.#removing(`Test ${number} is gone.`);
      this.#cases.splice(n, 1);
      this.#render();
      this.#changed();
      byId('add-test').focus();
    };
    return h(
      'li',
      { class: 'test' },
      h('span', { class: 'test-number' }, `#${number}`, test.name !== '' && h('small', {}, ` ${test.name}`)),
      field('stdin', 'Input'),
      field('expected', 'Expected output'),
      h('label', { class: 'test-hidden' }, hidden, 'folded'),
      !this.#fixed &&
        h(
          'button',
          { class: 'file-remove', type: 'button', 'aria-label': `Remove test ${number}`, onclick: remove },
          '×',
        ),
    );
  }
}
