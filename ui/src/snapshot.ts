/** All that the left-hand side holds, as data: to bring it back, to keep it as a draft, to share it, to take it over. */

import type { Limits, TestCases } from './contract.ts';
import type { Draft } from './draft.ts';
import { NO_FILES, type Project } from './logic/project.ts';
import type { Shared } from './logic/share.ts';

/** Taken before something is replaced, so that it can be brought back. */
export interface Snapshot {
  language: string;
  texts: Record<string, string>;
  stdin: string;
  args: string;
  project: Project;
  tests: TestCases | undefined;
  testsFixed: boolean;
  limits: Partial<Limits> | undefined;
  collect: boolean;
}

/** What is kept of it in the browser's local storage; of the files, how many there are. */
export function toDraft(snapshot: Snapshot, files: number): Omit<Draft, 'run' | 'ran'> {
  const { language, texts, stdin, args, tests, limits, collect } = snapshot;
  return {
    ...{ language, texts, stdin, args, collect, files },
    ...(tests ? { tests } : {}),
    ...(limits ? { limits } : {}),
  };
}

/** Where an earlier visit ended, with what has been typed already in this one. */
export function ofDraft(draft: Draft, project: Project | undefined, typed: string): Snapshot {
  const { language, texts, stdin, args, tests, limits, collect } = draft;
  return {
    ...{ language, texts: typed ? { ...texts, [language]: typed } : texts, stdin, args },
    ...{ project: project ?? NO_FILES, tests, testsFixed: false, limits, collect },
  };
}

/** What a link can carry of it; a zip it cannot. */
export function toShared(snapshot: Snapshot, code: string): Shared | undefined {
  const { language, stdin, args, tests, testsFixed, limits, project } = snapshot;
  if (project.kind === 'zip') return undefined;
  return {
    ...{ language, code, stdin, args, files: project.files, entry: project.entry },
    ...(tests ? { tests } : {}),
    ...(testsFixed ? { testsFixed } : {}),
    ...(limits ? { limits } : {}),
  };
}
