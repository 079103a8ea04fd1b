/** What one was working on, kept in this browser so that a reload loses nothing. */

import { memory } from './dom.ts';

export interface Draft {
  language: string;
  code: string;
  stdin: string;
  args: string;
  /** The execution that is shown beside it, if one is. */
  run: string;
}

const KEY = 'draft';
const SAVE_AFTER_MS = 300;

let timer = 0;

export function saveDraft(current: () => Draft): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => memory.write(KEY, JSON.stringify(current())), SAVE_AFTER_MS);
}

/** At once: the page is going away. */
export function saveDraftNow(current: () => Draft): void {
  clearTimeout(timer);
  memory.write(KEY, JSON.stringify(current()));
}

export function loadDraft(): Draft | undefined {
  try {
    const json = JSON.parse(memory.read(KEY) ?? 'null') as Partial<Draft> | null;
    if (!json) return undefined;
    const { language, code, stdin, args, run } = json;
    const fields = [language, code, stdin, args, run];
    if (!fields.every((field) => typeof field === 'string')) return undefined;
    return { language, code, stdin, args, run } as Draft;
  } catch {
    return undefined;
  }
}
