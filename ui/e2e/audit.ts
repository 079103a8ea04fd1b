/** What every state of the page is held to in every look: the rules of accessibility, and the window's width. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { OUT } from './server.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Each state is looked at in each of these; the folders of the pictures are called so. */
export const LOOKS = ['light', 'dark', 'narrow', 'tiny'] as const;

type Look = (typeof LOOKS)[number];

/** Holds the state that the page is in, in this look, to being accessible and no wider than it may; takes its picture. */
export async function audit(page: Page, look: Look, state: string): Promise<void> {
  const name = `${look}/${state}`;
  const folder = join(OUT, look);
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${state}.png`) });
  await fits(page, name);
  // Tiny is narrow with less room, and nothing else.
  if (look === 'tiny') return;
  // Dark differs from light in its colours, and in nothing else.
  await rules(page, name, look === 'dark' ? ['color-contrast', 'link-in-text-block'] : undefined);
}

/** Holds a page as it is to the rules of accessibility, and takes its picture. */
export async function auditPage(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(OUT, `${name}.png`) });
  await rules(page, name);
}

async function rules(page: Page, name: string, only?: string[]): Promise<void> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
  const violations = await page.evaluate(async (rules) => {
    const axe = (window as unknown as { axe: typeof import('axe-core') }).axe;
    const options = {
      resultTypes: ['violations' as const],
      ...(rules && { runOnly: { type: 'rule' as const, values: rules } }),
    };
    const { violations } = await axe.run(document, options);
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(' | ')}`,
    );
  }, only);
  assert.deepEqual(violations, [], `${name}: accessibility`);
}

/** Nothing has to be scrolled to from the side (WCAG 1.4.10). */
async function fits(page: Page, name: string): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(over <= 0, `${name}: the page is ${over} px wider than the window`);
}
