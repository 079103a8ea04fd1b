/** What came of each test case: a list of verdicts, and for one that differs both outputs beside each other. */

import '../../result-layer.ts';
import type { Compare, Execution, TestResult } from '../../contract.ts';
import { diff } from '../../logic/diff.ts';
import * as format from '../../logic/format.ts';
import { readLines } from '../../logic/output/terminal.ts';
import type { Place } from '../../logic/places.ts';
import { testWord } from '../../logic/status.ts';
import { h } from '../page/dom.ts';
import { paintLine } from './paint.ts';

const GOOD = ['passed', 'ran'];

export interface TestEvents {
  goTo: (place: Place) => void;
  /** Makes what a test has written what it is to write; nothing where the tests may not be changed. */
  expect: () => ((n: number, output: string) => void) | undefined;
}

export function showTests(body: HTMLElement, execution: Execution, events: TestEvents): void {
  const tests = execution.tests ?? [];
  const asked = execution.asked?.cases ?? [];
  const compare = execution.asked?.compare ?? 'lines';
  const firstBad = tests.findIndex(({ verdict }) => !GOOD.includes(verdict) && verdict !== 'skipped');
  const rows = tests.map((test, n) => row(test, n, asked[n], compare, n === firstBad, events));
  body.replaceChildren(h('ol', { class: 'results' }, ...rows));
}

type Asked = { name: string; stdin: string; expected: string; hidden: boolean } | undefined;

function row(
  test: TestResult,
  n: number,
  asked: Asked,
  compare: Compare,
  open: boolean,
  { goTo, expect }: TestEvents,
): HTMLElement {
  const good = GOOD.includes(test.verdict);
  const tone = good ? 'good' : test.verdict === 'skipped' ? 'idle' : 'bad';
  const name = test.name || asked?.name || '';
  const summary = h(
    'summary',
    {},
    h(
      'span',
      { class: 'test-mark', 'data-tone': tone, 'aria-hidden': 'true' },
      good ? '✓' : test.verdict === 'skipped' ? '–' : '✗',
    ),
    h('b', {}, `#${n + 1}${name ? ` ${name}` : ''}`),
    h('span', { class: 'word', 'data-tone': tone }, testWord(test.verdict)),
    h('span', { class: 'size' }, test.usage ? format.milliseconds(test.usage.wall_ms) : ''),
  );
  const parts: HTMLElement[] = [];
  if (test.why) parts.push(h('p', { class: 'note' }, test.why));
  const place = test.diagnostics[0];
  if (place) {
    const go = () => goTo(place);
    const label = `${place.file}, line ${place.line}`;
    parts.push(
      h(
        'p',
        {},
        h('button', { class: 'place', type: 'button', onclick: go }, label),
        ' ',
        h('q', { class: 'said' }, place.message),
      ),
    );
  }
  if (asked?.hidden) parts.push(h('p', { class: 'note' }, 'The teacher has folded this test.'));
  else {
    if (asked?.stdin) parts.push(h('h3', {}, 'Input'), text(asked.stdin));
    if (test.output !== undefined && asked && test.verdict === 'wrong_answer')
      parts.push(difference(asked.expected, test.output, compare));
    else if (test.output) parts.push(h('h3', {}, 'Output'), text(test.output));
    const { output } = test;
    const take = expect();
    if (
      take &&
      output !== undefined &&
      !test.truncated?.output &&
      ['wrong_answer', 'ran'].includes(test.verdict)
    ) {
      const use = () => take(n, output);
      parts.push(
        h('p', {}, h('button', { class: 'button small', type: 'button', onclick: use }, 'Use as expected')),
      );
    }
    if (test.error) parts.push(h('h3', {}, 'Errors'), text(test.error));
  }
  return h('li', {}, h('details', { open: open || undefined }, summary, ...parts));
}

/** Both outputs, line by line; what cannot be seen in lines that differ has a sign. */
function difference(expected: string, got: string, compare: Compare): HTMLElement {
  const cell = (line: string | undefined, same: boolean, kind: string) => {
    const cell = h('td', { class: same ? '' : kind });
    if (line === undefined) return cell;
    const [read] = readLines(line);
    if (same) cell.append(...(read ? paintLine(read) : []));
    else {
      const shown = line.replaceAll(' ', '·').replaceAll('\t', '→\t');
      const [marked] = readLines(shown);
      cell.append(
        ...(marked ? paintLine(marked) : []),
        h('span', { class: 'ctl', title: 'end of line' }, '↵'),
      );
    }
    return cell;
  };
  const rows = diff(expected, got, compare).map(({ expected, got, same }) =>
    h('tr', same ? {} : { class: 'differs' }, cell(expected, same, 'minus'), cell(got, same, 'plus')),
  );
  const head = h('tr', {}, h('th', { scope: 'col' }, 'Expected'), h('th', { scope: 'col' }, 'Got'));
  return h('table', { class: 'diff' }, h('thead', {}, head), h('tbody', {}, ...rows));
}

function text(content: string): HTMLElement {
  const pre = h('pre', { class: 'small-text' });
  for (const line of readLines(content)) pre.append(...paintLine(line), line.ended ? '\n' : '');
  return pre;
}
