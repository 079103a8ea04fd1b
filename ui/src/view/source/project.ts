/** The files of a program: a row of them above the editor from the second one on, and a zip by its table of contents. */

import { type Language, MAX_PROJECT_BYTES, type NamedFile, type Program } from '../../contract.ts';
import * as format from '../../logic/format.ts';
import * as projects from '../../logic/project.ts';
import { byId, h, icon, option, say } from '../page/dom.ts';

export interface ProjectEvents {
  changed: () => void;
  /** The person turns to a file, or (`EDITOR`) back to the program of the editor. */
  shown: (name: string) => void;
  /** Files have come, perhaps in the place of others; the person may want to do something about them. */
  came: (project: projects.Project, inPlace: boolean) => void;
  /** Files are about to go, or others to take their place, as these words say. */
  replacing: (words: string) => void;
}

export class ProjectView {
  readonly #events: ProjectEvents;
  readonly #language: () => Language;
  #project: projects.Project = projects.NO_FILES;
  #shown = projects.EDITOR;
  #complaint = '';

  constructor(language: () => Language, events: ProjectEvents) {
    this.#language = language;
    this.#events = events;
    const input = byId<HTMLInputElement>('file-input');
    byId('add-files').addEventListener('click', () => input.click());
    input.addEventListener('change', () => {
      const chosen = [...(input.files ?? [])];
      input.value = '';
      void this.add(chosen);
    });
    byId('entry').addEventListener('change', () => {
      this.#project = { ...this.#project, entry: byId<HTMLSelectElement>('entry').value };
      if (this.#project.kind === 'files') this.#turnTo(this.#project.entry);
      this.#update();
    });
    this.#render();
  }

  get project(): projects.Project {
    return this.#project;
  }

  get count(): number {
    return projects.names(this.#project).length;
  }

  /** The file that is shown in the editor's place, or `EDITOR`. */
  get shown(): string {
    return this.#shown;
  }

  /** What is started instead of the editor's text, if something is. */
  get instead(): string | undefined {
    return projects.instead(this.#project);
  }

  /** Why this cannot be run, if so. */
  get fault(): string | undefined {
    return projects.faultOf(this.#project);
  }

  /** The names by which a program's output may call its own files. */
  get names(): string[] {
    const main = this.#language().entryPoints[0];
    return [...new Set([...(main ? [main] : []), ...projects.names(this.#project)])];
  }

  /** What is to be run, given the editor's text. */
  program(code: string): Program {
    return projects.toProgram(this.#project, code);
  }

  /** Takes these files in the place of those that were there. */
  become(project: projects.Project): void {
    this.#project = project;
    this.#complaint = '';
    this.#turnTo(project.kind === 'files' ? project.entry : projects.EDITOR);
    this.#update();
  }

  async restore(program: Program): Promise<void> {
    if (program.kind === 'code') this.become(projects.NO_FILES);
    else this.become(await (await import('./taking.ts')).restored(program));
  }

  /** The text of a file has been edited. */
  edited(name: string, text: string): void {
    this.#project = projects.withText(this.#project, name, text);
  }

  /** A file's text, where it can be edited. */
  textOf(name: string): string | undefined {
    if (this.#project.kind === 'zip') return undefined;
    const file = this.#project.files.find((one) => one.name === name);
    return file && projects.editableText(file);
  }

  /** Shows a file, or the program of the editor. */
  show(name: string): void {
    if (name === this.#shown) return;
    this.#turnTo(name);
    this.#render();
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
        files.push({
          name: file.webkitRelativePath || file.name,
          bytes: new Uint8Array(await file.arrayBuffer()),
        });
      } catch {
        this.#complain(`${file.name} cannot be read. A folder? Pack it into a zip and drop that.`);
        return;
      }
    }
    const { take } = await import('./taking.ts');
    const taken = await take(this.#project, files, this.#language());
    if ('error' in taken) {
      this.#complain(taken.error);
      return;
    }
    const lost = projects.replaced(this.#project, taken.project);
    if (lost.length === 1) this.#events.replacing(`Another ${lost[0]} is in its place.`);
    else if (lost.length > 1) this.#events.replacing(`Other files are in the place of ${lost.length}.`);
    this.become(taken.project);
    const last = files.at(-1)?.name ?? '';
    if (
      taken.project.kind === 'files' &&
      taken.project.entry === projects.EDITOR &&
      this.textOf(last) === undefined
    )
      this.#turnTo(projects.EDITOR);
    say(taken.said);
    this.#events.came(taken.project, lost.length > 0);
  }

  #turnTo(name: string): void {
    this.#shown = name;
    this.#events.shown(name);
  }

  #remove(name: string): void {
    this.#events.replacing(`${name} is gone.`);
    this.#project = projects.without(this.#project, name);
    if (this.#shown === name) this.#turnTo(projects.EDITOR);
    this.#update();
    byId('add-files').focus();
  }

  #removeAll(): void {
    this.#events.replacing('The files are gone.');
    this.become(projects.NO_FILES);
    byId('add-files').focus();
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
    const note = byId('files-note');
    note.replaceChildren(h('span', {}, this.#complaint));
    note.hidden = this.#complaint === '';
    byId('files-row').hidden = this.count === 0;
    const isZip = this.#project.kind === 'zip';
    byId('zip').hidden = !isZip;
    byId('editor').hidden = isZip || this.#isBinary();
    byId('file-info').hidden = !this.#isBinary();
    if (this.count === 0) return;
    byId('file-list').replaceChildren(...this.#tabs());
    this.#renderEntry();
    if (isZip) this.#renderZip();
    else if (this.#isBinary()) this.#renderInfo();
  }

  #isBinary(): boolean {
    return this.#shown !== projects.EDITOR && this.textOf(this.#shown) === undefined;
  }

  #tabs(): HTMLElement[] {
    if (this.#project.kind === 'zip') {
      const { name, bytes } = this.#project;
      const remove = this.#removeButton('Remove all', 'Remove all files', () => this.#removeAll());
      return [
        h(
          'li',
          { class: 'file' },
          icon('file'),
          h('span', { class: 'name' }, name),
          size(bytes.length),
          remove,
        ),
      ];
    }
    const { entry, files } = this.#project;
    const main = this.#language().entryPoints[0] ?? 'the editor';
    const own = files.some(({ name }) => name === main) ? 'the editor' : main;
    return [this.#tab(projects.EDITOR, own, entry), ...files.map(({ name }) => this.#tab(name, name, entry))];
  }

  #tab(name: string, words: string, entry: string): HTMLElement {
    const current = name === this.#shown;
    const starts = name === entry;
    const open = h(
      'button',
      {
        class: 'file-open',
        type: 'button',
        'aria-current': current ? 'true' : undefined,
        onclick: () => this.show(name),
      },
      h('span', { class: 'name' }, words),
      starts && h('span', { class: 'starts', title: 'It is started', 'aria-hidden': 'true' }, '●'),
      starts && h('span', { class: 'sr' }, ' (is started)'),
    );
    const remove =
      name !== projects.EDITOR && this.#removeButton('×', `Remove ${name}`, () => this.#remove(name));
    return h('li', { class: 'file', 'data-current': current ? '' : undefined }, open, remove);
  }

  #removeButton(word: string, label: string, onclick: () => void): HTMLElement {
    return h(
      'button',
      { class: 'file-remove', type: 'button', 'aria-label': label, title: label, onclick },
      word,
    );
  }

  #renderEntry(): void {
    const { kind, entry } = this.#project;
    const options = projects.choices(this.#project, this.#language());
    if (entry !== projects.EDITOR && !options.includes(entry)) options.unshift(entry);
    const likely = this.#project.kind === 'zip' ? (this.#project.likely ?? []) : [];
    const hint = (name: string) =>
      likely.length > 0 && likely.length < options.length && likely.includes(name)
        ? ' (no other file uses it)'
        : '';
    const select = byId<HTMLSelectElement>('entry');
    const first = kind === 'files' ? 'the editor' : 'choose…';
    const none = kind === 'files' || entry === projects.EDITOR ? [option(first, projects.EDITOR)] : [];
    select.replaceChildren(...none, ...options.map((name) => option(name + hint(name), name)));
    select.value = entry;
    select.classList.toggle('wanted', this.fault !== undefined);
  }

  #renderZip(): void {
    if (this.#project.kind !== 'zip') return;
    const { entries, folder } = this.#project;
    const rows = entries.map((entry) =>
      h('li', {}, icon('file'), h('span', { class: 'name' }, entry.name), size(entry.size)),
    );
    const note =
      folder &&
      h(
        'p',
        { class: 'note' },
        `The files of the folder ${folder}: it is left away, so that programs find them.`,
      );
    byId('zip').replaceChildren(...(note ? [note] : []), h('ul', { class: 'file-list' }, ...rows));
  }

  #renderInfo(): void {
    const project = this.#project;
    const file =
      project.kind === 'files' ? project.files.find(({ name }) => name === this.#shown) : undefined;
    if (!file) return;
    byId('file-info').replaceChildren(
      h(
        'p',
        {},
        `${file.name}: ${format.bytes(file.bytes.length)}. It is no text that can be edited here; the program reads it as it is.`,
      ),
    );
  }
}

function size(n: number): HTMLElement {
  return h('span', { class: 'size' }, format.bytes(n));
}
