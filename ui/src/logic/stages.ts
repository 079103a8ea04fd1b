/** Where the time of a request went, as the stretches of a bar. */

import type { Timings } from '../contract.ts';

export interface Stage {
  key: 'queue' | 'acquire' | 'run' | 'collect' | 'record' | 'other';
  name: string;
  ms: number;
  /** Of the whole bar, 0 to 1; all together make 1. */
  share: number;
}

const NAMES: [Exclude<Stage['key'], 'other'>, string][] = [
  ['queue', 'Wait'],
  ['acquire', 'Sandbox'],
  ['run', 'Run'],
  ['collect', 'Collect'],
  ['record', 'Record'],
];

/** The stages that took time. What the parts do not explain of the total is `other`, never hidden. */
export function stages(timings: Timings): Stage[] {
  const parts: Omit<Stage, 'share'>[] = NAMES.map(([key, name]) => ({
    key,
    name,
    ms: positive(timings[key]),
  }));
  const sum = parts.reduce((all, part) => all + part.ms, 0);
  const other = positive(timings.total) - sum;
  if (other > 0) parts.push({ key: 'other', name: 'Other', ms: other });
  const whole = Math.max(sum, positive(timings.total));
  return parts.filter((part) => part.ms >= 0.05).map((part) => ({ ...part, share: part.ms / whole }));
}

/** How far a running program is on its way to the time limit, 0 to 1. */
export function progress(elapsedMs: number, limitSeconds: number): number {
  return Math.min(1, Math.max(0, elapsedMs / (limitSeconds * 1000)));
}

function positive(n: number | undefined): number {
  return n !== undefined && n > 0 ? n : 0;
}
