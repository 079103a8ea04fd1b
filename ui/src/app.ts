/** Puts the page together: the editor, the tray, the output and the history, and what happens between them. */

import * as api from './api.ts';
import { type Execution, type Language, MAX_CODE_CHARS, type Offer, type RunRequest } from './contract.ts';
import { pageUrl, runInHash, runLink } from './logic/base.ts';
import { DEFAULT_LIMITS } from './logic/decode.ts';
import { type Example, examplesFor, FALLBACK } from './logic/examples.ts';
import * as format from './logic/format.ts';
import { ApiError } from './logic/problem.ts';
import { toCurl } from './logic/request.ts';
import { announcement } from './logic/status.ts';
import { countChars } from './logic/text.ts';
import { ConsoleView } from './view/console.ts';
import { copy } from './view/copy.ts';
import { byId, say } from './view/dom.ts';
import { type Draft, loadDraft, saveDraft, saveDraftNow } from './view/draft.ts';
import { setUpDropping } from './view/drop.ts';
import { Editor } from './view/editor.ts';
import { HistoryView } from './view/history.ts';
import { setUpKeys } from './view/keys.ts';
import { ExamplesMenu } from './view/menu.ts';
import { ProjectView } from './view/project.ts';
import { RunButton } from './view/run-button.ts';
import { setUpThemes } from './view/themes.ts';
import { toast } from './view/toast.ts';
import { Tray } from './view/tray.ts';

/** A clock is shown only for runs that take longer than this. */
const SHOW_CLOCK_AFTER_MS = 150;
/** From here on the count of characters warns. */
const NEAR_LIMIT = 4500;

const fallback: Offer = {
  limits: DEFAULT_LIMITS,
  languages: [
    {
      name: 'python',
      title: 'Python',
      aliases: ['py', 'python3'],
      version: '',
      entryPoints: ['main.py', 'app.py', '__main__.py'],
      extensions: ['py'],
      example: '',
    },
    {
      name: 'javascript',
      title: 'JavaScript',
      aliases: ['js', 'node'],
      version: '',
      entryPoints: ['main.js', 'index.js'],
      extensions: ['js', 'mjs', 'cjs'],
      example: '',
    },
  ],
};

class App {
  #offer = fallback;
  #offerIsReal = false;
  /** Nobody has written anything yet, and the first example is still to come. */
  #awaitsExample = false;
  #language: Language = fallback.languages[0] as Language;
  #running: AbortController | undefined;
  /** What was asked, by execution: the history keeps the code, not its input and its files. */
  readonly #requests = new Map<string, RunRequest>();
  #shownId = '';
  #navigation = 0;

  readonly #select = byId<HTMLSelectElement>('language');
  readonly #editor: Editor;
  readonly #tray: Tray;
  readonly #project: ProjectView;
  readonly #console: ConsoleView;
  readonly #history: HistoryView;
  readonly #button: RunButton;

  constructor() {
    const edited = () => this.#edited();
    this.#console = new ConsoleView(this.#offer.limits, {
      copyLink: (id) => void copy(runLink(location.href, id), 'Link copied.'),
      copyCurl: (execution) => void this.#copyCurl(execution),
    });
    this.#history = new HistoryView({
      open: (id) => this.#go(id),
      again: (id) => void this.#again(id),
    });
    this.#button = new RunButton(
      () => void this.#run(),
      () => this.#running?.abort(),
    );
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
    byId('clear').addEventListener('click', () => this.#clear());
    setUpKeys();
    setUpThemes(() => this.#console.themeChanged());
    setUpDropping((files) => {
      this.#tray.openFiles();
      void this.#project.add(files);
    });
    addEventListener('pagehide', () => saveDraftNow(() => this.#draft()));
    addEventListener('hashchange', () => void this.#follow());
  }

  async start(): Promise<void> {
    const draft = loadDraft();
    const linked = runInHash(location.hash);
    if (draft && (linked === undefined || linked === draft.run)) {
      this.#turnTo(draft.language, draft.code);
      this.#tray.set(draft.stdin, draft.args);
    } else {
      this.#awaitsExample = true;
      this.#turnTo(this.#language.name);
    }
    void this.#history.refresh();
    if (linked !== undefined) void this.#open(linked, { keepCode: linked === draft?.run });
    await this.#loadOffer();
    if (matchMedia('(pointer: fine)').matches && document.activeElement === document.body)
      this.#editor.focus();
  }

  // Languages and examples

  async #loadOffer(): Promise<void> {
    let offer: Offer | undefined;
    try {
      offer = await api.offer();
    } catch (error) {
      if (error instanceof ApiError && error.problem.kind === 'unreachable' && !this.#shownId)
        this.#waitForServer(error);
    }
    if (!offer) {
      if (this.#isExample()) this.#editor.replace(FALLBACK[this.#language.name] ?? '');
      return;
    }
    const untouched = this.#isExample();
    this.#offer = offer;
    this.#offerIsReal = true;
    this.#console.setLimits(offer.limits);
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

  #showVersion(): void {
    byId('version').textContent = this.#language.version;
  }

  #find(name: string): Language | undefined {
    return this.#offer.languages.find(
      (language) => language.name === name || language.aliases.includes(name),
    );
  }

  #turnTo(name: string, code?: string): void {
    const language = this.#find(name) ?? this.#language;
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

  #isExample(): boolean {
    const { text } = this.#editor;
    if (text === '') return this.#awaitsExample;
    return [this.#language.example, FALLBACK.python, FALLBACK.javascript].includes(text);
  }

  #exampleGroups() {
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
    this.#button.focus();
  }

  // Editing

  #edited(): void {
    if (!this.#editor) return;
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
    this.#button.setFault(this.#fault());
    saveDraft(() => this.#draft());
  }

  #draft(): Draft {
    return {
      language: this.#language.name,
      code: this.#editor.text,
      stdin: this.#tray.stdin,
      args: this.#tray.argsLine,
      run: this.#shownId,
    };
  }

  /** Why this cannot be run: said here, before the server would. */
  #fault(): string | undefined {
    const fault = this.#project.fault ?? this.#tray.fault;
    if (fault !== undefined || this.#project.instead !== undefined) return fault;
    const { text } = this.#editor;
    if (text === '') return 'There is no code to run.';
    if (countChars(text) > MAX_CODE_CHARS) {
      return `Code too long. Maximum allowed length is ${MAX_CODE_CHARS} characters.`;
    }
    return undefined;
  }

  #clear(): void {
    const had = this.#editor.text !== '';
    this.#awaitsExample = false;
    this.#project.clear();
    this.#tray.set('', '');
    this.#editor.replace('');
    this.#running?.abort();
    this.#showNothing();
    this.#editor.focus();
    if (had) toast('Cleared.', { word: 'Undo', run: () => this.#editor.undo() });
  }

  #showNothing(): void {
    this.#navigation++;
    this.#shownId = '';
    this.#console.idle();
    this.#history.select('');
    history.replaceState(null, '', pageUrl(location.href));
  }

  // Running

  #request(): RunRequest {
    return {
      language: this.#language.name,
      stdin: this.#tray.stdin,
      args: this.#tray.args,
      program: this.#project.program(this.#editor.text),
    };
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    const fault = this.#fault();
    if (fault !== undefined) {
      this.#showNothing();
      this.#console.problem({ kind: 'refused', title: 'Not run', detail: fault });
      say(`Not run. ${fault}`);
      return;
    }
    await this.#send(this.#request());
  }

  async #send(request: RunRequest): Promise<void> {
    const abort = new AbortController();
    const started = performance.now();
    const navigation = ++this.#navigation;
    this.#running = abort;
    this.#button.setRunning(true);
    const clock = window.setTimeout(() => {
      this.#console.running(started);
      this.#bringOutputIntoView();
      say('Running.');
    }, SHOW_CLOCK_AFTER_MS);
    try {
      const execution = await api.run(request, abort.signal);
      const roundTrip = performance.now() - started;
      if (execution.id) this.#requests.set(execution.id, request);
      if (navigation !== this.#navigation) return; // the person has gone on to something else
      this.#shownId = execution.id;
      this.#console.show(execution, roundTrip);
      history.replaceState(
        null,
        '',
        execution.id ? runLink(location.href, execution.id) : pageUrl(location.href),
      );
      say(announcement(execution));
    } catch (error) {
      if (navigation !== this.#navigation) return;
      this.#shownId = '';
      history.replaceState(null, '', pageUrl(location.href));
      if (abort.signal.aborted) {
        this.#console.cancelled(performance.now() - started);
        say('Stopped by you.');
      } else this.#fail(error, () => void this.#run());
    } finally {
      clearTimeout(clock);
      this.#running = undefined;
      this.#button.setRunning(false);
      this.#history.select(this.#shownId);
      this.#bringOutputIntoView();
      saveDraft(() => this.#draft());
      void this.#history.refresh();
      // The server learns of a stopped run when the connection closes: its record is a moment late.
      if (abort.signal.aborted) window.setTimeout(() => void this.#history.refresh(), 1500);
    }
  }

  #fail(error: unknown, again: () => void): void {
    if (!(error instanceof ApiError)) throw error;
    const { problem } = error;
    const canRetry = problem.kind !== 'refused' && problem.kind !== 'missing';
    this.#console.problem(problem, canRetry ? { word: 'Run again', run: again } : undefined);
    say(error.message);
    if (problem.kind === 'unreachable') this.#waitForServer(error);
  }

  /** Looks, more and more rarely, whether the server is back, and says so. */
  #waitForServer(error: ApiError): void {
    const navigation = this.#navigation;
    if (!this.#shownId && !this.#running)
      this.#console.problem(error.problem, { word: 'Run again', run: () => void this.#run() });
    let wait = 1000;
    const look = async () => {
      if (navigation !== this.#navigation) return; // another run has said how things stand
      if (!document.hidden && (await api.answers())) {
        if (navigation !== this.#navigation) return;
        this.#console.problem(
          {
            kind: 'unreachable',
            title: 'The server is back',
            detail: 'Nothing of yours is lost. Run it again.',
          },
          { word: 'Run again', run: () => void this.#run() },
        );
        byId('verdict').dataset.tone = 'good';
        say('The server is back.');
        if (!this.#offerIsReal) await this.#loadOffer();
        void this.#history.refresh();
        return;
      }
      wait = Math.min(10_000, wait * 1.5);
      window.setTimeout(() => void look(), wait);
    };
    window.setTimeout(() => void look(), wait);
  }

  /** On a narrow screen the output is below the fold: what was asked for should be seen. */
  #bringOutputIntoView(): void {
    if (!matchMedia('(max-width: 760px)').matches) return;
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    byId('result').scrollIntoView({ behavior: calm ? 'auto' : 'smooth', block: 'nearest' });
  }

  // History and links

  /** To an execution, so that "back" leads back. */
  #go(id: string): void {
    if (runInHash(location.hash) === id) void this.#open(id, { keepCode: false });
    else location.hash = `#/run/${encodeURIComponent(id)}`;
  }

  async #follow(): Promise<void> {
    const id = runInHash(location.hash);
    if (id === undefined) this.#showNothing();
    else if (id !== this.#shownId) await this.#open(id, { keepCode: false });
  }

  /** Brings back code and output. */
  async #open(id: string, { keepCode }: { keepCode: boolean }): Promise<boolean> {
    this.#running?.abort();
    const navigation = ++this.#navigation;
    const slow = window.setTimeout(() => this.#console.loading(), SHOW_CLOCK_AFTER_MS);
    try {
      const execution = await api.execution(id);
      if (navigation !== this.#navigation) return false;
      this.#shownId = id;
      this.#history.select(id);
      if (!keepCode) this.#bringBack(execution);
      this.#console.show(execution);
      this.#bringOutputIntoView();
      say(announcement(execution));
      return true;
    } catch (error) {
      if (navigation !== this.#navigation) return false;
      clearTimeout(slow);
      if (!(error instanceof ApiError)) throw error;
      const { problem } = error;
      const lost = {
        ...problem,
        title: 'No such execution',
        detail: 'It may have expired, or belong to somebody else.',
      };
      this.#console.problem(problem.kind === 'missing' ? lost : problem);
      say(error.message);
      if (problem.kind === 'unreachable') this.#waitForServer(error);
      return false;
    } finally {
      clearTimeout(slow);
    }
  }

  #bringBack(execution: Execution): void {
    const asked = this.#requests.get(execution.id);
    this.#project.clear();
    this.#turnTo(execution.language);
    if (asked) {
      this.#tray.setWords(asked.stdin, asked.args);
      this.#project.restore(asked.program);
    } else this.#tray.set('', '');
    const code = asked && asked.program.kind !== 'zip' ? asked.program.code : execution.code;
    if (code !== undefined) this.#editor.replace(code);
  }

  async #again(id: string): Promise<void> {
    if (this.#running) return;
    if (!(await this.#open(id, { keepCode: false }))) return;
    await this.#run();
  }

  async #copyCurl(execution: Execution): Promise<void> {
    const asked = this.#requests.get(execution.id) ?? {
      language: execution.language,
      stdin: '',
      args: [],
      program: { kind: 'code' as const, code: execution.code ?? this.#editor.text },
    };
    await copy(toCurl(api.runUrl, asked), 'Command copied.');
  }
}

void new App().start();
