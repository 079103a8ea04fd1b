/** What every file of tests stands on: a server and a browser of its own, visitors, and that all of it ends. */

import assert from 'node:assert/strict';
import { after, afterEach, before, test as plainTest } from 'node:test';
import type { Browser } from 'playwright-core';
import { openBrowser, Visitor } from './browser.ts';
import { Server } from './server.ts';

/** Far more than any step needs on a machine with much else to do: only what hangs meets it. */
const STEP_TIMEOUT_MS = 600_000;

type VisitOptions = Parameters<typeof Visitor.open>[2];

export interface House {
  readonly server: Server;
  readonly browser: Browser;
  /** Somebody new comes to the page, of the house's own server or of another. */
  visit: (options?: VisitOptions, base?: string) => Promise<Visitor>;
}

/** Opens a house for the tests of this file, and closes it after them. */
export function house(name: string, settings: Record<string, string> = {}): House {
  let browser: Browser | undefined;
  let server: Server | undefined;
  const visitors: Visitor[] = [];

  // One after the other: what has been opened is known to `after`, also when the next fails.
  before(async () => {
    server = await Server.start(name, settings);
    browser = await openBrowser();
  });
  afterEach(async () => {
    const gone = await Promise.allSettled(visitors.splice(0).map((visitor) => visitor.close()));
    for (const one of gone) if (one.status === 'rejected') throw one.reason;
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const there = <T>(thing: T | undefined): T => {
    assert.ok(thing, 'the house is open');
    return thing;
  };
  return {
    get server() {
      return there(server);
    },
    get browser() {
      return there(browser);
    },
    async visit(options = {}, base = there(server).origin) {
      const visitor = await Visitor.open(there(browser), base, options);
      visitors.push(visitor);
      return visitor;
    },
  };
}

/** A step that hangs fails, rather than hold up all that comes after it. */
export function test(name: string, step: () => Promise<void>): void {
  plainTest(name, { timeout: STEP_TIMEOUT_MS }, step);
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
