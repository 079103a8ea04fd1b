/** The left-hand side: what is to be run, and whether it can be. Knows nothing of what has been run. */

import { type Execution, type Language, MAX_CODE_CHARS, type Offer, type RunRequest } from './contract.ts';
import { type Example, examplesFor, FALLBACK } from './logic/examples.ts';
import * as format from './logic/format.ts';
import { DEFAULT_LANGUAGE, DEFAULT_OFFER, findLanguage } from './logic/offer.ts';
import { countChars } from './logic/text.ts';
import { byId, say } from './view/dom.ts';
import type { Draft } from './view/draft.ts';
import { setUpDropping } from './view/drop.ts';
import { Editor } from './view/editor.ts';
import { ExamplesMenu, type Group } from './view/menu.ts';
import { ProjectView } from './view/project.ts';
import { toast } from './view/toast.ts';
import { Tray } from './view/tray.ts';

/** From here on the count of characters warns. */
const NEAR_LIMIT = 4500;

export interface WorkspaceEvents {
  edited: () => void;
  /** An example has taken the place of what was there. */
  exampleLoaded: () => void;
}

export class Workspace {
  readonly #events: WorkspaceEvents;
  #offer = DEFAULT_OFFER;
  #language: Language = DEFAULT_LANGUAGE;
  /** Nobody has written anything yet, and the first example is still to come. */
  #awaitsExample = false;

  readonly #select = byId<HTMLSelectElement>('language');
  readonly #editor: Editor;
  readonly #tray: Tray;
  readonly #project: ProjectView;

  constructor(events: WorkspaceEvents) {
    this.#events = events;
    const edited = () => this.#edited();
    this.#project = new ProjectView(() => this.#language, {
      changed: edited,
      openInEditor: (name, text) => {
        this.#editor.replace(text);
        toast(`${name} is in the editor now.`, { word: 'Undo', run: () => this.#editor.undo() });
      },
    });
    this.#tray = new Tray(edited);
    this.#editor = new Editor(byId('editor'), edited);
    new ExamplesMenu(
      () => this.#exampleGroups(),
      (example) => this.#load(example),
    );
    this.#select.addEventListener('change', () => this.#turnTo(this.#select.value));
    setUpDropping((files) => {
      this.#tray.openFiles();
      void this.#project.add(files);
    });
  }

  /** Nothing is remembered of an earlier visit: the first example comes with the offer. */
  begin(): void {
    this.#awaitsExample = true;
    this.#turnTo(this.#language.name);
  }

  /** Goes on where an earlier visit ended. */
  resume(draft: Draft): void {
    this.#turnTo(draft.language, draft.code);
    this.#tray.set(draft.stdin, draft.args);
  }

  get code(): string {
    return this.#editor.text;
  }

  /** What is to be run, as it stands. */
  get request(): RunRequest {
    return {
      language: this.#language.name,
      stdin: this.#tray.stdin,
      args: this.#tray.args,
      program: this.#project.program(this.#editor.text),
    };
  }

  get draft(): Omit<Draft, 'run'> {
    return {
      language: this.#language.name,
      code: this.#editor.text,
      stdin: this.#tray.stdin,
      args: this.#tray.argsLine,
    };
  }

  /** Why this cannot be run: said here, before the server would. */
  get fault(): string | undefined {
    const fault = this.#project.fault ?? this.#tray.fault;
    if (fault !== undefined || this.#project.instead !== undefined) return fault;
    const { text } = this.#editor;
    if (text === '') return 'There is no code to run.';
    if (countChars(text) > MAX_CODE_CHARS) {
      return `Code too long. Maximum allowed length is ${MAX_CODE_CHARS} characters.`;
    }
    return undefined;
  }

  focus(): void {
    this.#editor.focus();
  }

  /** Empties everything; the code can be had back. */
  clear(): void {
    const had = this.#editor.text !== '';
    this.#awaitsExample = false;
    this.#project.clear();
    this.#tray.set('', '');
    this.#editor.replace('');
    this.#editor.focus();
    if (had) toast('Cleared.', { word: 'Undo', run: () => this.#editor.undo() });
  }

  /** Brings back what an execution was asked with: a record has the code, not its input and its files. */
  bringBack(execution: Execution, asked: RunRequest | undefined): void {
    this.#project.clear();
    this.#turnTo(execution.language);
    if (asked) {
      this.#tray.setWords(asked.stdin, asked.args);
      this.#project.restore(asked.program);
    } else this.#tray.set('', '');
    const code = asked && asked.program.kind !== 'zip' ? asked.program.code : execution.code;
    if (code !== undefined) this.#editor.replace(code);
  }

  // Languages and examples

  /** Takes up what the server offers, or does without when it has not said. */
  setOffer(offer: Offer | undefined): void {
    const untouched = this.#isExample();
    if (!offer) {
      if (untouched) this.#editor.replace(FALLBACK[this.#language.name] ?? '');
      return;
    }
    this.#offer = offer;
    const options = offer.languages.map(({ name, title }) => new Option(title, name));
    this.#select.replaceChildren(...options);
    const same = offer.languages.find((language) => language.name === this.#language.name);
    this.#language = same ?? (offer.languages[0] as Language);
    this.#select.value = this.#language.name;
    if (untouched || !same) {
      this.#editor.open(this.#language.name, this.#language.example);
      this.#editor.replace(this.#language.example);
    }
    this.#showVersion();
    this.#project.languageChanged();
  }

  #turnTo(name: string, code?: string): void {
    const language = findLanguage(this.#offer, name) ?? this.#language;
    const changed = language.name !== this.#language.name;
    this.#language = language;
    this.#select.value = language.name;
    this.#editor.open(language.name, code ?? language.example);
    if (code !== undefined) this.#editor.replace(code);
    else if (this.#isExample()) this.#editor.replace(language.example);
    this.#showVersion();
    if (changed) this.#project.languageChanged();
    this.#edited();
  }

  #showVersion(): void {
    byId('version').textContent = this.#language.version;
  }

  #isExample(): boolean {
    const { text } = this.#editor;
    if (text === '') return this.#awaitsExample;
    return [this.#language.example, FALLBACK.python, FALLBACK.javascript].includes(text);
  }

  #exampleGroups(): Group[] {
    const { name, example } = this.#language;
    const { start, holds } = examplesFor(name);
    const hello: Example = { title: 'Hello', shows: 'The language at work', code: example };
    return [
      { title: 'Start here', items: example ? [hello, ...start] : start },
      { title: 'See the sandbox hold', items: holds },
    ];
  }

  #load(example: Example): void {
    this.#project.clear();
    this.#editor.replace(example.code);
    this.#tray.setWords(example.stdin ?? '', example.args ?? []);
    if (example.stdin) this.#tray.openInput();
    say(`Example loaded: ${example.title}. ${example.shows}.`);
    this.#events.exampleLoaded();
  }

  // Editing

  #edited(): void {
    const chars = countChars(this.#editor.text);
    const count = byId('count');
    const over = chars - MAX_CODE_CHARS;
    const { instead } = this.#project;
    count.dataset.state = instead ? '' : over > 0 ? 'over' : chars >= NEAR_LIMIT ? 'near' : '';
    const of = format.count(MAX_CODE_CHARS);
    if (instead) count.textContent = '';
    else
      count.textContent =
        over > 0 ? `${format.count(over)} over ${of} characters` : `${format.count(chars)} / ${of}`;
    byId('instead').hidden = instead === undefined;
    byId('instead').textContent = instead ?? '';
    byId('editor').inert = instead !== undefined;
    this.#tray.setFileCount(this.#project.count);
    this.#events.edited();
  }
}
