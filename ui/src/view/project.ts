/** The tray's part for files: they are chosen or dropped, listed, and one of them may be started. */

import { type Language, MAX_PROJECT_BYTES, type NamedFile, type Program } from '../contract.ts';
import * as format from '../logic/format.ts';
import * as projects from '../logic/project.ts';
import { byId, h, icon, say } from './dom.ts';

export interface ProjectEvents {
  changed: () => void;
  /** The person wants a file's text in the editor. */
  openInEditor: (name: string, text: string) => void;
}

export class ProjectView {
  readonly #events: ProjectEvents;
  readonly #language: () => Language;
  #project: projects.Project = projects.NO_FILES;
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
    return projects.names(this.#project).length;
  }

  /** What is started instead of the editor's text, if something is. */
  get instead(): string | undefined {
    return projects.instead(this.#project);
  }

  /** Why this cannot be run, if so. */
  get fault(): string | undefined {
    return projects.faultOf(this.#project);
  }

  /** What is to be run, given the editor's text. */
  program(code: string): Program {
    return projects.toProgram(this.#project, code);
  }

  clear(): void {
    this.#become(projects.NO_FILES);
  }

  /** Brings back what an earlier run had. */
  restore(program: Program): void {
    this.#become(projects.restored(program));
  }

  /** The other language has other names to start by. */
  languageChanged(): void {
    this.#project = projects.turnedTo(this.#project, this.#language());
    this.#update();
  }

  async add(chosen: File[]): Promise<void> {
    if (chosen.length === 0) return;
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
    const taken = projects.take(this.#project, files, this.#language());
    if ('error' in taken) {
      this.#complain(taken.error);
      return;
    }
    this.#become(taken.project);
    say(taken.said);
  }

  #become(project: projects.Project): void {
    this.#project = project;
    this.#complaint = '';
    this.#update();
  }

  #remove(name: string): void {
    this.#project = projects.without(this.#project, name);
    this.#update();
    byId('choose').focus();
  }

  #complain(sentence: string): void {
    this.#complaint = sentence;
    this.#update();
    say(sentence);
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
    if (this.#project.kind === 'zip') {
      const { name, bytes, entries } = this.#project;
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
    return this.#project.files.map((file) => {
      const open = this.#opener(file);
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
  #opener(file: NamedFile): (() => void) | undefined {
    const text = projects.editableText(file, this.#language());
    if (text === undefined) return undefined;
    return () => {
      this.#remove(file.name);
      this.#events.openInEditor(file.name, text);
    };
  }

  #entryField(): HTMLElement {
    const { kind, entry } = this.#project;
    const choices = projects.choices(this.#project, this.#language());
    if (entry !== projects.EDITOR && !choices.includes(entry)) choices.unshift(entry);
    const select = h('select', { id: 'entry' });
    if (kind === 'files') select.append(new Option('the editor', projects.EDITOR));
    else if (entry === projects.EDITOR) select.append(new Option('choose…', projects.EDITOR));
    select.append(...choices.map((name) => new Option(name, name)));
    select.value = entry;
    select.addEventListener('change', () => {
      this.#project = { ...this.#project, entry: select.value };
      this.#events.changed();
    });
    const box = h('span', { class: 'select' }, select, icon('down'));
    return h('div', { class: 'entry' }, h('label', { for: 'entry' }, 'Start with'), box);
  }
}

function nameOf(file: File): string {
  return file.webkitRelativePath || file.name;
}
