/**
 * Assertions on what the page shows now or within a few seconds.
 *
 * The page answers a click, an event of the browser or a message of the server a moment later: in the next frame, or, on a
 * machine with much else to do, in the one after. A test that looks once fails then. These look again until what they ask for
 * is there. What must *not* be there is asserted with plain `assert`: looking again would forgive it.
 */

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** Far longer than the page takes: only a failing test waits it out. */
const PATIENCE_MS = 10_000;
const BETWEEN_LOOKS_MS = 50;

/** Calls `look` until it throws nothing, or throws what the last look did. */
async function until(look: () => Promise<void>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await look();
    } catch (fault) {
      if (performance.now() > end) throw fault;
      await sleep(BETWEEN_LOOKS_MS);
    }
  }
}

export const soon = {
  equal: <T>(read: () => Promise<T>, expected: T, message?: string) =>
    until(async () => assert.equal(await read(), expected, message)),
  deepEqual: <T>(read: () => Promise<T>, expected: T, message?: string) =>
    until(async () => assert.deepEqual(await read(), expected, message)),
  /** A text that is not there is taken for an empty one. */
  match: (read: () => Promise<string | null>, expected: RegExp, message?: string) =>
    until(async () => assert.match((await read()) ?? '', expected, message)),
  ok: (read: () => Promise<boolean>, message?: string) => until(async () => assert.ok(await read(), message)),
};
