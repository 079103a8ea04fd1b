/** The left-hand side: what is to be run, and whether it can be. Knows nothing of what has been run. */

import {
  type Execution,
  type Language,
  type Limits,
  MAX_CODE_CHARS,
  type Offer,
  type RunRequest,
} from './contract.ts';
import type { Draft } from './draft.ts';
import { NEW_CASE } from './logic/cases.ts';
import type { Example } from './logic/examples.ts';
import { DEFAULT_LANGUAGE, DEFAULT_OFFER, FALLBACK, findLanguage } from './logic/offer.ts';
import type { Place } from './logic/places.ts';
import { EDITOR, NO_FILES, names, otherLanguage, type Project } from './logic/project.ts';
import type { Shared } from './logic/share.ts';
import { countChars } from './logic/text.ts';
import { ofDraft, type Snapshot, toDraft, toShared } from './snapshot.ts';
import { byId, say } from './view/page/dom.ts';
import { type Action, toast } from './view/page/toast.ts';
import { CharacterCount } from './view/source/character-count.ts';
import { setUpDropping } from './view/source/drop.ts';
import { Editing, type Mark } from './view/source/editing.ts';
import { setUpExamples } from './view/source/examples.ts';
import { LanguageChoice } from './view/source/language.ts';
import { ProjectView } from './view/source/project.ts';
import { TestsView } from './view/source/tests.ts';
import { Tray } from './view/source/tray.ts';

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
  /** Set while a snapshot is brought back: what changes then is one change. */
  #restoring = false;

  readonly #choice: LanguageChoice;
  readonly #count = new CharacterCount();
  readonly #editing: Editing;
  readonly #tray: Tray;
  readonly #tests: TestsView;
  readonly #project: ProjectView;

  constructor(events: WorkspaceEvents) {
    this.#events = events;
    const edited = () => this.#edited();
    this.#editing = new Editing(byId('editor'), { changed: edited, most: () => MAX_CODE_CHARS });
    this.#project = new ProjectView(() => this.#language, {
      changed: edited,
      replacing: (words) => toast(words, this.undo()),
      shown: (name) => this.#show(name),
      came: (project, inPlace) => void this.#came(project, inPlace),
    });
    this.#tests = new TestsView(edited, (words) => toast(words, this.undo()));
    this.#tray = new Tray(edited);
    this.#choice = new LanguageChoice((name) => this.#turnTo(name));
    setUpExamples(
      () => this.#language,
      (example) => this.#load(example),
    );
    setUpDropping((files) => void this.#project.add(files));
  }

  /** Nothing is remembered of an earlier visit: the first example comes with the offer, unless somebody is typing. */
  begin(): void {
    const typed = byId<HTMLTextAreaElement>('first').value;
    this.#awaitsExample = typed === '';
    this.#turnTo(this.#language.name);
    if (typed !== '') this.#setCode(typed);
  }

  /** Goes on where an earlier visit ended. */
  resume(draft: Draft, project: Project | undefined): void {
    this.restore(ofDraft(draft, project, byId<HTMLTextAreaElement>('first').value));
  }

  /** Puts the editor in the place of the plain field. */
  async enhance(): Promise<void> {
    await this.#editing.enhance();
  }

  /** The most that a run in the chosen language may use. */
  get limits(): Limits {
    return this.#language.limits ?? this.#offer.limits;
  }

  get code(): string {
    return this.#editing.textOf(this.#key()) ?? '';
  }

  /** What is to be run, as it stands. */
  get request(): RunRequest {
    const { limits } = this.#tray;
    return {
      language: this.#language.name,
      stdin: this.#tray.stdin,
      args: this.#tray.args,
      program: this.#project.program(this.code),
      live: this.#tray.live,
      ...(limits ? { limits } : {}),
      ...(this.#tray.collect ? { collect: true } : {}),
    };
  }

  /** The same with the test cases. */
  get testRequest(): RunRequest | undefined {
    const { tests } = this.#tests;
    return tests && { ...this.request, live: false, tests };
  }

  get testCount(): number {
    return this.#tests.count;
  }

  get tests(): TestsView {
    return this.#tests;
  }

  /** A run becomes a test: what it read, and what it wrote. */
  addTest(stdin: string, expected: string): void {
    const undo = this.undo();
    this.#tests.add({ ...NEW_CASE, stdin, expected });
    this.#tray.open('tests');
    toast('This run is a test now.', undo);
  }

  /** What a test has written is what it is to write from now on. */
  expect(n: number, output: string): void {
    const undo = this.undo();
    this.#tests.expect(n, output);
    toast(`Test ${n + 1} expects this output now.`, undo);
  }

  get project(): Project {
    return this.#project.project;
  }

  /** The names by which a program's output may call its own files. */
  get fileNames(): string[] {
    return this.#project.names;
  }

  get snapshot(): Snapshot {
    return {
      language: this.#language.name,
      texts: this.#editing.textsUnder('text:'),
      stdin: this.#tray.stdin,
      args: this.#tray.argsLine,
      project: this.#project.project,
      tests: this.#tests.tests,
      testsFixed: this.#tests.fixed,
      limits: this.#tray.limits,
      collect: this.#tray.collect,
    };
  }

  get draft(): Omit<Draft, 'run' | 'ran'> {
    return toDraft(this.snapshot, this.#project.count);
  }

  get shared(): Shared | undefined {
    return toShared(this.snapshot, this.code);
  }

  /** Brings back all that a snapshot holds. */
  restore(to: Snapshot): void {
    this.#restoring = true;
    this.#awaitsExample = false;
    this.#project.become(NO_FILES);
    this.#editing.forget('file:');
    this.#turnTo(to.language);
    for (const [language, text] of Object.entries(to.texts))
      this.#editing.setText(`text:${language}`, language, text);
    this.#tray.set(to.stdin, to.args, to.limits, to.collect);
    this.#tests.set(to.tests, to.testsFixed);
    this.#project.become(to.project);
    this.#restoring = false;
    this.#edited();
  }

  /** Something to undo what is about to be done: it brings back everything as it is now. */
  undo(also?: () => void): Action {
    const before = this.snapshot;
    return {
      word: 'Undo',
      undoes: true,
      run: () => {
        this.restore(before);
        also?.();
        say('Everything is back.');
      },
    };
  }

  /** Why this cannot be run: said here, before the server would. */
  get fault(): string | undefined {
    const fault = this.#project.fault ?? this.#tray.fault;
    if (fault !== undefined || this.#project.instead !== undefined) return fault;
    const text = this.code;
    if (text === '') return 'There is no code to run.';
    if (countChars(text) > MAX_CODE_CHARS) {
      return `Code too long. Maximum allowed length is ${MAX_CODE_CHARS} characters.`;
    }
    return undefined;
  }

  focus(): void {
    this.#editing.focus();
  }

  get isEmpty(): boolean {
    return this.code === '' && this.#isBare;
  }

  /** Nothing is there beside the code. */
  get #isBare(): boolean {
    return this.#project.count === 0 && this.#tests.count === 0 && this.#tray.isEmpty;
  }

  /** Opens the part for input, and goes there. */
  askForInput(): void {
    this.#tray.open('input', true);
  }

  /** Empties everything. */
  clear(): void {
    this.#awaitsExample = false;
    this.#project.become(NO_FILES);
    this.#tray.set('', '');
    this.#tests.set(undefined);
    this.#setCode('');
    this.#editing.focus();
  }

  /** Brings back what an execution was asked with; of a record that is only the code. */
  async bringBack(execution: Execution, asked: RunRequest | undefined): Promise<void> {
    this.#project.become(NO_FILES);
    this.#turnTo(execution.language);
    if (asked) {
      this.#tray.setWords(asked.stdin, asked.args, asked.limits, asked.collect);
      if (asked.tests) this.#tests.set(asked.tests);
      await this.#project.restore(asked.program);
    } else this.#tray.set('', '');
    const code = asked && asked.program.kind !== 'zip' ? asked.program.code : execution.code;
    if (code !== undefined) this.#setCode(code);
  }

  /** Takes in what a link carries. */
  take(shared: Shared): void {
    const { language, code, stdin, args, files, entry, tests, testsFixed = false, limits } = shared;
    this.#project.become(NO_FILES);
    this.#turnTo(language);
    this.#tray.set(stdin, args, limits);
    this.#tests.set(tests, testsFixed);
    if (files.length > 0) this.#project.become({ kind: 'files', files, entry });
    this.#setCode(code);
  }

  // Languages and examples

  /** Takes up what the server offers, or does without when it has not said. */
  setOffer(offer: Offer | undefined): void {
    const untouched = this.#isExample();
    if (!offer) {
      if (untouched) this.#setCode(FALLBACK[this.#language.name] ?? '');
      return;
    }
    this.#offer = offer;
    this.#choice.offer(offer.languages);
    const same = offer.languages.find((language) => language.name === this.#language.name);
    this.#language = same ?? (offer.languages[0] as Language);
    this.#choice.show(this.#language.name);
    this.#tray.setMost(this.limits);
    this.#openText();
    if (untouched || !same) this.#setCode(this.#language.example);
    this.#project.languageChanged();
  }

  #key(): string {
    return `text:${this.#language.name}`;
  }

  #setCode(text: string): void {
    this.#editing.setText(this.#key(), this.#language.name, text);
    this.#edited();
  }

  #openText(): void {
    if (this.#project.shown === EDITOR)
      this.#editing.open(this.#key(), this.#language.name, this.#language.example);
  }

  #turnTo(name: string): void {
    const language = findLanguage(this.#offer, name) ?? this.#language;
    const changed = language.name !== this.#language.name;
    this.#language = language;
    this.#choice.show(language.name);
    this.#tray.setMost(this.limits);
    this.#openText();
    if (this.#isExample()) this.#setCode(language.example);
    if (changed) this.#project.languageChanged();
    this.#edited();
  }

  #isExample(): boolean {
    const text = this.code;
    if (text === '') return this.#awaitsExample;
    return [this.#language.example, FALLBACK.python, FALLBACK.javascript].includes(text);
  }

  #load(example: Example): void {
    const undo = this.#isExample() && this.#isBare ? undefined : this.undo();
    this.#project.become(NO_FILES);
    this.#setCode(example.code);
    this.#tray.setWords(example.stdin ?? '', example.args ?? []);
    if (example.stdin) this.#tray.open('input');
    if (undo) toast(`The example ${example.title} is in the place of what was there.`, undo);
    else say(`Example loaded: ${example.title}. ${example.shows}.`);
    this.#events.exampleLoaded();
  }

  // Files

  #show(name: string): void {
    if (name === EDITOR) this.#openText();
    else {
      const text = this.#project.textOf(name);
      if (text === undefined) return;
      const language = this.#offer.languages.find(({ extensions }) =>
        extensions.some((e) => name.endsWith(`.${e}`)),
      );
      this.#editing.setText(`file:${name}`, language?.name ?? 'text', text);
      this.#editing.open(`file:${name}`, language?.name ?? 'text', text);
    }
  }

  /** Offers what the files that have come suggest: another language, or test cases. */
  async #came(project: Project, inPlace: boolean): Promise<void> {
    const other = otherLanguage(names(project), this.#language, this.#offer.languages);
    if (other) {
      const run = () => this.#turnTo(other.name);
      // Where something was replaced, the way back to it is at hand, and stays so.
      if (!inPlace) toast(`These files are ${other.title}.`, { word: `Switch to ${other.title}`, run });
      return;
    }
    if (project.kind !== 'zip' || this.#tests.count > 0) return;
    const { casesOf } = await import('./logic/zips.ts');
    const cases = casesOf(project.bytes, names(project));
    if (cases.length === 0) return;
    this.#tests.set({ cases, compare: 'lines' });
    this.#tray.open('tests');
    say(`${cases.length} tests were found in it.`);
  }

  // Errors

  /** Marks faults in the text that is shown. */
  mark(marks: (Mark & { file: string })[]): void {
    this.#editing.mark(marks.filter(({ file }) => file === this.#shownName));
  }

  nextMark(step: 1 | -1): void {
    this.#editing.nextMark(step);
  }

  /** Goes to a place that an output names; says so when there is no such file here. */
  goTo({ file, line, column }: Place): void {
    const main = this.#language.entryPoints[0];
    const own = this.#project.textOf(file) !== undefined;
    if (!own && file !== main) {
      say(`${file} cannot be shown here.`);
      return;
    }
    this.#project.show(own ? file : EDITOR);
    this.#editing.goTo(line, column);
  }

  get #shownName(): string {
    const { shown } = this.#project;
    return shown === EDITOR ? (this.#language.entryPoints[0] ?? '') : shown;
  }

  // Editing

  #edited(): void {
    if (this.#restoring) return;
    const { shown } = this.#project;
    if (shown !== EDITOR) {
      const text = this.#editing.textOf(`file:${shown}`);
      if (text !== undefined && text !== this.#project.textOf(shown)) this.#project.edited(shown, text);
    }
    const isCode = shown === EDITOR && this.project.kind !== 'zip';
    this.#count.show(isCode ? this.code : undefined);
    const { instead } = this.#project;
    const note = shown === EDITOR || this.project.kind === 'zip' ? instead : undefined;
    byId('instead').hidden = note === undefined;
    byId('instead-text').textContent = note ?? '';
    this.#tray.setTestCount(this.#tests.count);
    this.#events.edited();
  }
}
