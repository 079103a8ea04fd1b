/** Files that come: what can be taken in, and what becomes of a zip. */

import {
  type Language,
  MAX_BODY_BYTES,
  MAX_FILES,
  MAX_ZIP_BYTES,
  type NamedFile,
  type Program,
} from '../contract.ts';
import * as format from './format.ts';
import { choices, EDITOR, NO_FILES, type Project, turnedTo, type Zip } from './project.ts';

/** What has become of files that were brought: a project and the sentence that says so, or why not. */
export type Taken = { project: Project; said: string } | { error: string };

/** Sources of a zip are looked into up to this many bytes, to tell which of them is likely to be started. */
const MAX_READ = 512 * 1024;

/** Adds files to the project, or puts a zip in its place. */
export async function take(project: Project, added: NamedFile[], language: Language): Promise<Taken> {
  const zip = added.find((file) => isZip(file.name, file.bytes));
  if (!zip) return takeFiles(project, added, language);
  return added.length > 1
    ? { error: 'A zip is a whole project: drop it alone.' }
    : await takeZip(zip, language);
}

function isZip(name: string, bytes: Uint8Array): boolean {
  const magic = bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);
  return magic || /\.zip$/i.test(name);
}

async function takeZip({ name, bytes }: NamedFile, language: Language): Promise<Taken> {
  if (bytes.length > MAX_ZIP_BYTES) {
    return { error: `${name} is too large: ${format.bytes(bytes.length)}, and 1 MB is the most for a zip.` };
  }
  const { isClutter, listZip, readTexts, unwrap } = await import('./zips.ts');
  const inner = unwrap(bytes);
  const packed = inner?.bytes ?? bytes;
  const listing = listZip(packed);
  if ('error' in listing) return { error: `${name}: ${listing.error}` };
  const entries = listing.entries.filter((entry) => !isClutter(entry.name));
  if (entries.length === 0) return { error: `${name}: There is no file in this zip.` };
  const zip: Zip = { kind: 'zip', name, bytes: packed, entries, entry: EDITOR };
  const sources = choices(zip, language);
  const project: Zip = {
    ...zip,
    ...(inner ? { folder: inner.folder } : {}),
    likely: unnamed(readTexts(packed, sources, MAX_READ)),
  };
  const left = inner ? ` Its folder ${inner.folder} is left away.` : '';
  return { project: turnedTo(project, language), said: `${name}: ${countFiles(entries.length)}.${left}` };
}

/** The sources that no other one names, as `import helper` or `require("./helper")` would. */
export function unnamed(texts: Map<string, string>): string[] {
  const stem = (name: string) =>
    name
      .split('/')
      .at(-1)
      ?.replace(/\.\w+$/, '') ?? name;
  return [...texts.keys()].filter((name) => {
    const word = stem(name).replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const named = new RegExp(`(?:import|from|require|include|use|load|source)\\b[^\\n]*\\b${word}\\b`);
    return ![...texts].some(([other, text]) => other !== name && named.test(text));
  });
}

function takeFiles(project: Project, added: NamedFile[], language: Language): Taken {
  const before = project.kind === 'files' ? project : NO_FILES;
  const fresh = new Set(added.map((file) => file.name));
  const kept = before.files.filter((file) => !fresh.has(file.name));
  const files = [...kept, ...added].sort((a, b) => (a.name < b.name ? -1 : 1));
  const size = files.reduce((sum, file) => sum + file.bytes.length, 0);
  if (files.length > MAX_FILES)
    return { error: `These are ${files.length} files; ${MAX_FILES} are the most.` };
  if (size * 1.4 > MAX_BODY_BYTES) {
    return { error: `These files are too large to send (${format.bytes(size)}). Pack them into a zip.` };
  }
  // A file called as programs are is what is meant to run; else the editor's text runs, with the files beside it.
  const entry = language.entryPoints.find((name) => fresh.has(name)) ?? before.entry;
  return { project: { kind: 'files', files, entry }, said: `${countFiles(added.length)} added.` };
}

/** What an earlier run had. */
export async function restored(program: Program): Promise<Project> {
  if (program.kind === 'code') return NO_FILES;
  const entry = program.entrypoint ?? EDITOR;
  if (program.kind === 'files') return { kind: 'files', files: program.files, entry };
  const { name, bytes } = program;
  const { listZip } = await import('./zips.ts');
  const listing = listZip(bytes);
  return { kind: 'zip', name, bytes, entries: 'entries' in listing ? listing.entries : [], entry };
}

function countFiles(n: number): string {
  return n === 1 ? '1 file' : `${n} files`;
}
