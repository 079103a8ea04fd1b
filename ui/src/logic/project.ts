/** The files a program brings along: what can be taken in, which of them is started, and what is sent of them. */

import {
  type Language,
  MAX_BODY_BYTES,
  MAX_CODE_CHARS,
  MAX_FILES,
  MAX_ZIP_BYTES,
  type NamedFile,
  type Program,
} from '../contract.ts';
import * as format from './format.ts';
import { asText } from './request.ts';
import { countChars } from './text.ts';
import { type Entry, entryChoices, guessEntry, isZip, listZip } from './zip.ts';

/** Stands in the entry point's place for what is in the editor. */
export const EDITOR = '';

/** Files beside the editor's text, or started instead of it. */
interface Files {
  kind: 'files';
  files: NamedFile[];
  entry: string;
}

/** A whole project, which runs instead of the editor's text. */
interface Zip {
  kind: 'zip';
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
  entries: Entry[];
  entry: string;
}

/** `entry` is the name of what is started, or `EDITOR`. */
export type Project = Files | Zip;

/** What has become of files that were brought: a project and the sentence that says so, or why not. */
export type Taken = { project: Project; said: string } | { error: string };

export const NO_FILES: Files = { kind: 'files', files: [], entry: EDITOR };

/** Adds files to the project, or puts a zip in its place. */
export function take(project: Project, added: NamedFile[], language: Language): Taken {
  const zip = added.find((file) => isZip(file.name, file.bytes));
  if (!zip) return takeFiles(project, added, language);
  return added.length > 1 ? { error: 'A zip is a whole project: drop it alone.' } : takeZip(zip, language);
}

function takeZip({ name, bytes }: NamedFile, language: Language): Taken {
  if (bytes.length > MAX_ZIP_BYTES) {
    return { error: `${name} is too large: ${format.bytes(bytes.length)}, and 1 MB is the most for a zip.` };
  }
  const listing = listZip(bytes);
  if ('error' in listing) return { error: `${name}: ${listing.error}` };
  const { entries } = listing;
  const project: Zip = { kind: 'zip', name, bytes, entries, entry: EDITOR };
  return { project: turnedTo(project, language), said: `${name}: ${countFiles(entries.length)}.` };
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

/** The project without one of its files. */
export function without(project: Project, name: string): Project {
  if (project.kind === 'zip') return project;
  const files = project.files.filter((file) => file.name !== name);
  return { ...project, files, entry: project.entry === name ? EDITOR : project.entry };
}

/** Another language has other names to start by: what a zip starts with follows it. */
export function turnedTo(project: Project, language: Language): Project {
  if (project.kind === 'files') return project;
  const guess = guessEntry(names(project), language.entryPoints);
  return { ...project, entry: guess ?? choices(project, language)[0] ?? project.entry };
}

/** What an earlier run had. */
export function restored(program: Program): Project {
  if (program.kind === 'code') return NO_FILES;
  const entry = program.entrypoint ?? EDITOR;
  if (program.kind === 'files') return { kind: 'files', files: program.files, entry };
  const { name, bytes } = program;
  const listing = listZip(bytes);
  return { kind: 'zip', name, bytes, entries: 'entries' in listing ? listing.entries : [], entry };
}

/** The names of all files, a zip's from its table of contents. */
export function names(project: Project): string[] {
  const named = project.kind === 'zip' ? project.entries : project.files;
  return named.map(({ name }) => name);
}

/** What can be started, besides the editor's text. */
export function choices(project: Project, language: Language): string[] {
  return entryChoices(names(project), language.extensions);
}

/** What is to be run, given the editor's text. */
export function toProgram(project: Project, code: string): Program {
  const entrypoint = project.entry === EDITOR ? {} : { entrypoint: project.entry };
  if (project.kind === 'zip') {
    return { kind: 'zip', name: project.name, bytes: project.bytes, ...entrypoint };
  }
  const { files } = project;
  if (files.length === 0) return { kind: 'code', code };
  if (project.entry === EDITOR) return { kind: 'files', code, files };
  return { kind: 'files', files, ...entrypoint };
}

/** What is started instead of the editor's text, in words, if something is. */
export function instead(project: Project): string | undefined {
  if (project.kind === 'files') {
    return project.entry === EDITOR ? undefined : `${project.entry} runs instead of the editor.`;
  }
  const start = project.entry === EDITOR ? '' : `, starting with ${project.entry}`;
  return `${project.name} runs instead of the editor${start}.`;
}

/** Why this cannot be run, if so. */
export function faultOf(project: Project): string | undefined {
  const open = project.kind === 'zip' && project.entry === EDITOR;
  return open ? 'Choose which file of the zip is run.' : undefined;
}

/** A file's text, when it is a source of the language that fits into the editor. */
export function editableText(file: NamedFile, language: Language): string | undefined {
  const isSource = language.extensions.some((e) => file.name.toLowerCase().endsWith(`.${e}`));
  // A character has at most four bytes: what has more is too long, and need not be decoded to know it.
  const text = isSource && file.bytes.length <= MAX_CODE_CHARS * 4 ? asText(file.bytes) : undefined;
  return text !== undefined && countChars(text) <= MAX_CODE_CHARS ? text : undefined;
}

function countFiles(n: number): string {
  return n === 1 ? '1 file' : `${n} files`;
}
