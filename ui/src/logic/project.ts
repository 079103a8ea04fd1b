/** The files a program brings along: which of them is started, and what is sent of them. See take.ts for how they come. */

import type { Language, NamedFile, Program } from '../contract.ts';
import { asText } from './bytes.ts';
import type { Entry } from './zip.ts';

/** Stands in the entry point's place for what is in the editor. */
export const EDITOR = '';

/** Files beside the editor's text, or started instead of it. */
interface Files {
  kind: 'files';
  files: NamedFile[];
  entry: string;
}

/** A whole project, which runs instead of the editor's text. */
export interface Zip {
  kind: 'zip';
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
  entries: Entry[];
  entry: string;
  /** The folder that everything was in, and that was left away. */
  folder?: string;
  /** Sources that no other source of it names: one of them is likely to be what is started. */
  likely?: string[];
}

/** `entry` is the name of what is started, or `EDITOR`. */
export type Project = Files | Zip;

export const NO_FILES: Files = { kind: 'files', files: [], entry: EDITOR };

/** The file the server would start by itself: the first of the language's names, or the only file there is. */
function guessEntry(names: string[], entryPoints: string[]): string | undefined {
  return entryPoints.find((name) => names.includes(name)) ?? (names.length === 1 ? names[0] : undefined);
}

/** The files a person may want to start, sources of the language first, those near the root first. */
function entryChoices(names: string[], extensions: string[]): string[] {
  const isSource = (name: string) => extensions.some((e) => name.toLowerCase().endsWith(`.${e}`));
  const depth = (name: string) => name.split('/').length;
  return names.filter(isSource).sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
}

/** The names of files that are not there any more, or have another content. */
export function replaced(before: Project, after: Project): string[] {
  if (before.kind === 'zip') return after.kind === 'zip' && after.bytes === before.bytes ? [] : [before.name];
  const same = (file: NamedFile) =>
    after.kind === 'files' &&
    after.files.some(({ name, bytes }) => name === file.name && equal(bytes, file.bytes));
  return before.files.filter((file) => !same(file)).map(({ name }) => name);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** The project without one of its files. */
export function without(project: Project, name: string): Project {
  if (project.kind === 'zip') return project;
  const files = project.files.filter((file) => file.name !== name);
  return { ...project, files, entry: project.entry === name ? EDITOR : project.entry };
}

/** Another language has other names to start by. Which of several files is meant, only the person knows. */
export function turnedTo(project: Project, language: Language): Project {
  if (project.kind === 'files') return project;
  const options = choices(project, language);
  const kept = options.includes(project.entry) ? project.entry : EDITOR;
  const guess =
    guessEntry(names(project), language.entryPoints) ?? (options.length === 1 ? options[0] : undefined);
  return { ...project, entry: guess ?? kept };
}

/** The language that these files are written in, when it is another than the one that is chosen. */
export function otherLanguage(
  names: string[],
  chosen: Language,
  languages: Language[],
): Language | undefined {
  const has = ({ extensions }: Language) => entryChoices(names, extensions).length > 0;
  return has(chosen) ? undefined : languages.find((language) => language.available && has(language));
}

/** The project with this text in one of its files. */
export function withText(project: Project, name: string, text: string): Project {
  if (project.kind === 'zip') return project;
  const bytes = new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
  const files = project.files.map((file) => (file.name === name ? { name, bytes } : file));
  return { ...project, files };
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
  return open ? 'Choose which file of the zip is run: it does not say by itself.' : undefined;
}

/** Larger files are not opened in the editor. */
const MAX_EDITABLE = 256 * 1024;

/** A file's text, when it has one that the editor can take. */
export function editableText(file: NamedFile): string | undefined {
  return file.bytes.length <= MAX_EDITABLE ? asText(file.bytes) : undefined;
}
