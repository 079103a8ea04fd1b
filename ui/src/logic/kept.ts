/** Reads back test cases and limits as they are kept: in a link, in the draft. Nothing in there is taken for granted. */

import type { Compare, Limits, TestCases } from '../contract.ts';

export function readTests(value: unknown): TestCases | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { cases, compare, reveal } = value as Record<string, unknown>;
  if (!Array.isArray(cases) || cases.length === 0) return undefined;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const known: Compare[] = ['exact', 'lines', 'tokens', 'numbers'];
  return {
    compare: known.find((one) => one === compare) ?? 'lines',
    ...(reveal === false ? { reveal } : {}),
    cases: cases.slice(0, 500).map((one: Record<string, unknown>) => ({
      name: text(one?.name),
      stdin: text(one?.stdin),
      expected: text(one?.expected),
      hidden: one?.hidden === true,
    })),
  };
}

export function readLimits(value: unknown): Partial<Limits> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { timeout_seconds, memory_mb } = value as Record<string, unknown>;
  const limits: Partial<Limits> = {};
  if (typeof timeout_seconds === 'number' && timeout_seconds > 0) limits.timeout_seconds = timeout_seconds;
  if (typeof memory_mb === 'number' && memory_mb > 0) limits.memory_mb = memory_mb;
  return Object.keys(limits).length > 0 ? limits : undefined;
}
