/**
 * What one was working on, kept in this browser so that a reload loses nothing. Each tab has a draft of its own; a new tab
 * begins with the newest one.
 */

import type { Limits, TestCases } from './contract.ts';
import { readLimits, readTests } from './logic/kept.ts';
import { memory } from './view/page/dom.ts';

export interface Draft {
  language: string;
  /** The text of each language. */
  texts: Record<string, string>;
  stdin: string;
  args: string;
  /** How many files there were: they are kept elsewhere, and may be gone. */
  files: number;
  tests?: TestCases;
  limits?: Partial<Limits>;
  collect: boolean;
  /** The execution that is shown beside it, if one is, and the fingerprint of what it ran. */
  run: string;
  ran: string;
}

const SAVE_AFTER_MS = 300;
/** Drafts of tabs that have been closed are kept up to this many. */
const MAX_DRAFTS = 8;

let timer = 0;
let tab = '';

/** The name of this tab's draft. */
export function draftName(): string {
  return tab;
}

/** Finds out which draft is this tab's own. A tab that was duplicated has the other's name: it takes a new one. */
export async function openDraft(): Promise<{ draft: Draft | undefined; name: string }> {
  const known = session.read();
  const free = known !== null && (await isFree(known));
  tab = free ? known : Math.random().toString(36).slice(2, 10);
  session.write(tab);
  if (!free) void isFree(tab);
  const from = known !== null && memory.read(`draft.${known}`) !== null ? known : newest();
  const draft = from === undefined ? undefined : load(from);
  return { draft, name: from ?? tab };
}

export function saveDraft(current: () => Draft): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => saveDraftNow(current), SAVE_AFTER_MS);
}

/** At once: the page is going away. */
export function saveDraftNow(current: () => Draft): void {
  clearTimeout(timer);
  if (tab === '') return;
  memory.write(`draft.${tab}`, JSON.stringify(current()));
  const order = [tab, ...names().filter((name) => name !== tab)];
  for (const old of order.slice(MAX_DRAFTS)) memory.write(`draft.${old}`, null);
  memory.write('drafts', JSON.stringify(order.slice(0, MAX_DRAFTS)));
}

/** Holds the tab's name for as long as the page is open; where that cannot be done, the name is taken for free. */
function isFree(name: string): Promise<boolean> {
  if (!('locks' in navigator)) return Promise.resolve(true);
  return new Promise((done) => {
    const hold = (lock: Lock | null) => {
      done(lock !== null);
      return lock === null ? undefined : new Promise(() => {});
    };
    navigator.locks.request(`sce.draft.${name}`, { ifAvailable: true }, hold).catch(() => done(true));
  });
}

function names(): string[] {
  try {
    const list = JSON.parse(memory.read('drafts') ?? '[]') as unknown;
    return Array.isArray(list) ? list.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}

function newest(): string | undefined {
  return names().find((name) => memory.read(`draft.${name}`) !== null);
}

function load(name: string): Draft | undefined {
  try {
    const json = JSON.parse(memory.read(`draft.${name}`) ?? 'null') as Record<string, unknown> | null;
    if (json === null || typeof json.language !== 'string') return undefined;
    const text = (value: unknown) => (typeof value === 'string' ? value : '');
    const texts = Object.entries((json.texts ?? {}) as object).filter(
      ([, value]) => typeof value === 'string',
    );
    const tests = readTests(json.tests);
    const limits = readLimits(json.limits);
    return {
      language: json.language,
      texts: Object.fromEntries(texts) as Record<string, string>,
      stdin: text(json.stdin),
      args: text(json.args),
      files: typeof json.files === 'number' ? json.files : 0,
      collect: json.collect === true,
      run: text(json.run),
      ran: text(json.ran),
      ...(tests ? { tests } : {}),
      ...(limits ? { limits } : {}),
    };
  } catch {
    return undefined;
  }
}

const session = {
  read(): string | null {
    try {
      return sessionStorage.getItem('sce.tab');
    } catch {
      return null;
    }
  },
  write(value: string): void {
    try {
      sessionStorage.setItem('sce.tab', value);
    } catch {
      // Not remembered: the next load begins with the newest draft.
    }
  },
};
