/** The files a program brings along: dropped or chosen, several or one zip, and which of them is started. */

import {
  type Language,
  MAX_BODY_BYTES,
  MAX_FILES,
  MAX_PROJECT_BYTES,
  MAX_ZIP_BYTES,
  type NamedFile,
  type Program,
} from '../contract.ts';
import * as format from '../logic/format.ts';
import { asText } from '../logic/request.ts';
import { countChars } from '../logic/text.ts';
import { type Entry, entryChoices, guessEntry, isZip, listZip } from '../logic/zip.ts';
import { byId, h, icon, say } from './dom.ts';

interface Zip {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
  entries: Entry[];
}

/** Stands in the entry point's list for what is in the editor. */
const EDITOR = '';

export interface ProjectEvents {
  changed: () => void;
  /** The person wants a file's text in the editor. */
  openInEditor: (name: string, text: string) => void;
}

export class Project {
  readonly #events: ProjectEvents;
  readonly #language: () => Language;
  #files: NamedFile[] = [];
  #zip: Zip | undefined;
  #entry = EDITOR;
  #complaint = '';

  constructor(language: () => Language, events: ProjectEvents) {
    this.#language = language;
    this.#events = events;
    const input = byId<HTMLInputElement>('file-input');
    byId('choose').addEventListener('click', () => input.click());
    byId('no-files').addEventListener('click', () => {
      this.clear();
      byId('choose').focus();
    });
    input.addEventListener('change', () => {
      const chosen = [...(input.files ?? [])];
      input.value = '';
      void this.add(chosen);
    });
    this.#render();
  }

  /** How many files there are, for the badge. */
  get count(): number {
    return this.#zip ? this.#zip.entries.length : this.#files.length;
  }

  /** What is started instead of the editor's text, if something is. */
  get instead(): string | undefined {
    const start = this.#entry === EDITOR ? '' : `, starting with ${this.#entry}`;
    if (this.#zip) return `${this.#zip.name} runs instead of the editor${start}.`;
    return this.#entry === EDITOR ? undefined : `${this.#entry} runs instead of the editor.`;
  }

  /** What is to be run, given the editor's text. */
  program(code: string): Program {
    const entrypoint = this.#entry === EDITOR ? {} : { entrypoint: this.#entry };
    if (this.#zip) return { kind: 'zip', name: this.#zip.name, bytes: this.#zip.bytes, ...entrypoint };
    if (this.#files.length === 0) return { kind: 'code', code };
    if (this.#entry === EDITOR) return { kind: 'files', code, files: this.#files };
    return { kind: 'files', files: this.#files, ...entrypoint };
  }

  /** Why this cannot be run, if so. */
  get fault(): string | undefined {
    if (this.#zip && this.#entry === EDITOR) return 'Choose which file of the zip is run.';
    return undefined;
  }

  clear(): void {
    this.#files = [];
    this.#zip = undefined;
    this.#entry = EDITOR;
    this.#complaint = '';
    this.#update();
  }

  /** Brings back what an earlier run had. */
  restore(program: Program): void {
    this.clear();
    if (program.kind === 'code') return;
    if (program.kind === 'files') this.#files = program.files;
    else {
      const listing = listZip(program.bytes);
      const entries = 'entries' in listing ? listing.entries : [];
      this.#zip = { name: program.name, bytes: program.bytes, entries };
    }
    this.#entry = program.entrypoint ?? EDITOR;
    this.#update();
  }

  /** The other language has other names to start by. */
  languageChanged(): void {
    const guess = guessEntry(this.#names(), this.#language().entryPoints);
    if (this.#zip) this.#entry = guess ?? this.#choices()[0] ?? this.#entry;
    this.#update();
  }

  async add(chosen: File[]): Promise<void> {
    this.#complaint = '';
    const files: NamedFile[] = [];
    for (const file of chosen) {
      if (file.size > MAX_PROJECT_BYTES) {
        this.#complain(
          `${file.name} is too large: ${format.bytes(file.size)}, at most 8 MB are allowed in all.`,
        );
        return;
      }
      try {
        files.push({ name: nameOf(file), bytes: new Uint8Array(await file.arrayBuffer()) });
      } catch {
        this.#complain(`${file.name} cannot be read. A folder? Pack it into a zip and drop that.`);
        return;
      }
    }
    const zips = files.filter((file) => isZip(file.name, file.bytes));
    const [zip] = zips;
    if (zip && files.length > 1) this.#complain('A zip is a whole project: drop it alone.');
    else if (zip) this.#takeZip(zip);
    else this.#takeFiles(files);
  }

  #takeZip(file: NamedFile): void {
    if (file.bytes.length > MAX_ZIP_BYTES) {
      const size = format.bytes(file.bytes.length);
      this.#complain(`${file.name} is too large: ${size}, and 1 MB is the most for a zip.`);
      return;
    }
    const listing = listZip(file.bytes);
    if ('error' in listing) {
      this.#complain(`${file.name}: ${listing.error}`);
      return;
    }
    this.#files = [];
    this.#zip = { ...file, entries: listing.entries };
    const names = this.#names();
    this.#entry = guessEntry(names, this.#language().entryPoints) ?? this.#choices()[0] ?? EDITOR;
    this.#update();
    say(`${file.name}: ${files(listing.entries.length)}.`);
  }

  #takeFiles(added: NamedFile[]): void {
    if (added.length === 0) return;
    const names = new Set(added.map((file) => file.name));
    const all = [...this.#files.filter((file) => !names.has(file.name)), ...added];
    const size = all.reduce((sum, file) => sum + file.bytes.length, 0);
    if (all.length > MAX_FILES) {
      this.#complain(`These are ${all.length} files; ${MAX_FILES} are the most.`);
      return;
    }
    if (size * 1.4 > MAX_BODY_BYTES) {
      this.#complain(`These files are too large to send (${format.bytes(size)}). Pack them into a zip.`);
      return;
    }
    this.#zip = undefined;
    this.#files = all.sort((a, b) => (a.name < b.name ? -1 : 1));
    // A file called as programs are is what is meant to run; else the editor's text runs, with the files beside it.
    const starts = this.#language().entryPoints.find((name) => names.has(name));
    if (starts !== undefined) this.#entry = starts;
    this.#update();
    say(`${files(added.length)} added.`);
  }

  #remove(name: string): void {
    this.#files = this.#files.filter((file) => file.name !== name);
    if (this.#entry === name) this.#entry = EDITOR;
    this.#update();
    byId('choose').focus();
  }

  #complain(sentence: string): void {
    this.#complaint = sentence;
    this.#update();
    say(sentence);
  }

  #names(): string[] {
    return this.#zip ? this.#zip.entries.map((entry) => entry.name) : this.#files.map((file) => file.name);
  }

  #choices(): string[] {
    return entryChoices(this.#names(), this.#language().extensions);
  }

  #update(): void {
    this.#render();
    this.#events.changed();
  }

  #render(): void {
    byId('no-files').hidden = this.count === 0;
    const body = byId('files');
    const complaint = this.#complaint && h('p', { class: 'note', 'data-state': 'bad' }, this.#complaint);
    if (this.count === 0) {
      const hint = h('div', { class: 'dropzone' }, 'Drop files or a zip anywhere on this page.');
      body.replaceChildren(...(complaint ? [complaint] : []), hint);
      return;
    }
    const list = h('ul', { class: 'file-list' }, ...this.#rows());
    body.replaceChildren(...(complaint ? [complaint] : []), this.#entryField(), list);
  }

  #rows(): HTMLElement[] {
    const size = (n: number) => h('span', { class: 'size' }, format.bytes(n));
    if (this.#zip) {
      const { name, bytes, entries } = this.#zip;
      const head = h(
        'li',
        { 'data-zip': true },
        icon('file'),
        h('span', { class: 'name' }, name),
        size(bytes.length),
      );
      const rows = entries.map((entry) =>
        h('li', {}, icon('file'), h('span', { class: 'name' }, entry.name), size(entry.size)),
      );
      return [head, ...rows];
    }
    return this.#files.map((file) => {
      const open = this.#editable(file);
      const remove = () => this.#remove(file.name);
      const attributes = { class: 'button small quiet', type: 'button' };
      return h(
        'li',
        {},
        icon('file'),
        h('span', { class: 'name' }, file.name),
        size(file.bytes.length),
        open && h('button', { ...attributes, onclick: open, 'aria-label': `Edit ${file.name}` }, 'Edit'),
        h('button', { ...attributes, onclick: remove, 'aria-label': `Remove ${file.name}` }, 'Remove'),
      );
    });
  }

  /** How to take a file into the editor, when it is a source that fits there. */
  #editable(file: NamedFile): (() => void) | undefined {
    const isSource = this.#language().extensions.some((e) => file.name.toLowerCase().endsWith(`.${e}`));
    const text = isSource && file.bytes.length <= 20_000 ? asText(file.bytes) : undefined;
    if (text === undefined || countChars(text) > 5000) return undefined;
    return () => {
      this.#remove(file.name);
      this.#events.openInEditor(file.name, text);
    };
  }

  #entryField(): HTMLElement {
    const choices = this.#choices();
    if (this.#entry !== EDITOR && !choices.includes(this.#entry)) choices.unshift(this.#entry);
    const select = h('select', { id: 'entry' });
    if (!this.#zip) select.append(new Option('the editor', EDITOR));
    else if (this.#entry === EDITOR) select.append(new Option('choose…', EDITOR));
    select.append(...choices.map((name) => new Option(name, name)));
    select.value = this.#entry;
    select.addEventListener('change', () => {
      this.#entry = select.value;
      this.#events.changed();
    });
    const box = h('span', { class: 'select' }, select, icon('down'));
    return h('div', { class: 'entry' }, h('label', { for: 'entry' }, 'Start with'), box);
  }
}

function nameOf(file: File): string {
  return file.webkitRelativePath || file.name;
}

function files(n: number): string {
  return n === 1 ? '1 file' : `${n} files`;
}
