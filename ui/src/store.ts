/**
 * What this browser keeps beside its local storage: files of a project, and what was asked with each run (the server's
 * records have the code, not its input and its files). Nothing breaks where it may not keep anything.
 */

import type { RunRequest } from './contract.ts';
import type { Project } from './logic/project.ts';
import { memory } from './view/page/dom.ts';

/** Larger projects and requests are not kept. */
export const MAX_KEPT = 2 * 1024 * 1024;
/** Runs that are remembered as this browser's own. */
const MAX_RUNS = 200;

const STORE = 'kept';
let database: Promise<IDBDatabase | undefined> | undefined;

function open(): Promise<IDBDatabase | undefined> {
  database ??= new Promise((done) => {
    try {
      const opening = indexedDB.open('sce', 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
      opening.onsuccess = () => done(opening.result);
      opening.onerror = () => done(undefined);
      opening.onblocked = () => done(undefined);
    } catch {
      done(undefined);
    }
  });
  return database;
}

async function within<T>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T | undefined> {
  const db = await open();
  if (!db) return undefined;
  return new Promise((done) => {
    try {
      const request = act(db.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => done(request.result);
      request.onerror = () => done(undefined);
    } catch {
      done(undefined);
    }
  });
}

/** Keeps the files of a draft, or forgets them where there are none or too much. */
export async function keepFiles(draft: string, project: Project): Promise<void> {
  const size =
    project.kind === 'zip' ? project.bytes.length : project.files.reduce((n, f) => n + f.bytes.length, 0);
  const key = `files:${draft}`;
  if (size === 0 || size > MAX_KEPT) await within('readwrite', (store) => store.delete(key));
  else await within('readwrite', (store) => store.put(project, key));
}

export async function keptFiles(draft: string): Promise<Project | undefined> {
  return (await within('readonly', (store) => store.get(`files:${draft}`))) as Project | undefined;
}

/** Remembers that this browser had this run, and what it asked. */
export async function keepRun(id: string, request: RunRequest): Promise<void> {
  const ids = [id, ...ownRuns().filter((other) => other !== id)];
  memory.write('runs', JSON.stringify(ids.slice(0, MAX_RUNS)));
  for (const old of ids.slice(MAX_RUNS)) await within('readwrite', (store) => store.delete(`run:${old}`));
  const { program } = request;
  const size =
    program.kind === 'zip'
      ? program.bytes.length
      : program.kind === 'files'
        ? program.files.reduce((n, f) => n + f.bytes.length, 0)
        : 0;
  if (size + request.stdin.length <= MAX_KEPT)
    await within('readwrite', (store) => store.put(request, `run:${id}`));
}

export async function keptRun(id: string): Promise<RunRequest | undefined> {
  return (await within('readonly', (store) => store.get(`run:${id}`))) as RunRequest | undefined;
}

/** The runs that were started from this browser, the newest first. */
export function ownRuns(): string[] {
  try {
    const ids = JSON.parse(memory.read('runs') ?? '[]') as unknown;
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}
