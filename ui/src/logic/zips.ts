/** All that is done with zips, in one piece that is loaded when the first one comes. */

import type { TestCase } from '../contract.ts';
import { pairs } from './pairs.ts';
import { readTexts } from './zip.ts';

export { unwrap } from './unwrap.ts';
export { isClutter, listZip, readTexts } from './zip.ts';

/** Pairs of files larger than this in all are not read. */
const MAX_READ = 4 * 1024 * 1024;

/** The test cases that lie in a zip, as pairs of files. */
export function casesOf(bytes: Uint8Array, names: string[]): TestCase[] {
  const found = pairs(names);
  const texts = readTexts(
    bytes,
    found.flatMap(({ input, output }) => [input, output]),
    MAX_READ,
  );
  return found.flatMap(({ name, input, output }) => {
    const [stdin, expected] = [texts.get(input), texts.get(output)];
    return stdin === undefined || expected === undefined ? [] : [{ name, stdin, expected, hidden: false }];
  });
}
