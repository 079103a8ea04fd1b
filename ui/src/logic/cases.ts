/** Test cases: what there is to say of them, and how they go to the server. */

import type { Compare, TestCase, TestCases } from '../contract.ts';

export const MAX_CASES = 500;

/** The fields of a request. A name that is empty is left out. */
export function toFields({ cases, compare, reveal }: TestCases): Record<string, unknown> {
  const tests = cases.map(({ name, stdin, expected }) => ({
    ...(name ? { name } : {}),
    ...(stdin ? { stdin } : {}),
    expected_output: expected,
  }));
  return { tests, compare: COMPARE[compare], ...(reveal === false ? { reveal } : {}) };
}

const COMPARE: Record<Compare, unknown> = {
  exact: 'exact',
  lines: 'lines',
  tokens: 'tokens',
  numbers: { numbers: { absolute: 1e-9, relative: 1e-9 } },
};

export const COMPARE_WORDS: Record<Compare, string> = {
  lines: 'ignoring space at line ends',
  exact: 'exactly',
  tokens: 'word by word',
  numbers: 'numbers ±1e-9',
};

export const NEW_CASE: TestCase = { name: '', stdin: '', expected: '', hidden: false };
