/**
 * What is there first: the text, what belongs to it, and the keeping of it. The right-hand side and the editor come after,
 * and whatever is asked of them before they are there is done when they are.
 */

import './boot-layer.ts';
import type { Offer } from './contract.ts';
import { type Draft, draftName, openDraft, saveDraft, saveDraftNow } from './draft.ts';
import type { Executions } from './executions.ts';
import { keyHeaders } from './key.ts';
import { apiBase, isShared, runInHash } from './logic/base.ts';
import { decodeOffer } from './logic/offer.ts';
import { inert } from './logic/output/special.ts';
import type { Shared } from './logic/share.ts';
import type { Result } from './result.ts';
import { keepFiles, keptFiles } from './store.ts';
import { byId, hasMod, say } from './view/page/dom.ts';
import { setUpKeys } from './view/page/keys.ts';
import { isNarrow, setUpShell, showPane } from './view/page/shell.ts';
import { setUpThemes } from './view/page/themes.ts';
import { toast } from './view/page/toast.ts';
import { RunButton } from './view/source/run-button.ts';
import { Workspace } from './workspace.ts';

const carry = () => import('./carry.ts');

class App {
  #offerIsReal = false;
  #keptProject: unknown;
  /** What the draft says of the right-hand side, until that is there to say it. */
  #shown = { run: '', ran: '' };
  #result: Result | undefined;
  #coming: Promise<Result> | undefined;
  readonly #workspace: Workspace;
  readonly #button: RunButton;

  constructor() {
    this.#button = new RunButton({
      run: () => void this.#run(),
      runTests: () => void this.#executions().then((executions) => executions.runTests()),
      stop: () => this.#result?.executions.stop(),
    });
    this.#workspace = new Workspace({
      edited: () => this.#edited(),
      exampleLoaded: () => this.#button.focus(),
    });
    byId('runs-button').addEventListener(
      'click',
      () => void this.#right().then(({ history }) => history.open()),
    );
    byId('clear').addEventListener('click', () => this.#clear());
    byId('share').addEventListener(
      'click',
      () => void carry().then(({ copyProgram }) => copyProgram(this.#workspace.shared)),
    );
    setUpKeys();
    setUpShell({
      focusCode: () => this.#workspace.focus(),
      openInput: () => this.#workspace.askForInput(),
    });
    setUpThemes();
    this.#setUpEditorKeys();
    this.#setUpPaper();
    this.#setUpParts();
    addEventListener('pagehide', () => saveDraftNow(() => this.#draft()));
  }

  async start(): Promise<void> {
    const { draft, name } = await openDraft();
    const files = draft && draft.files > 0 ? await keptFiles(name) : undefined;
    const linked = runInHash(location.hash);
    const resumes = draft !== undefined && (linked === undefined || linked === draft.run);
    if (resumes) this.#workspace.resume(draft, files);
    else this.#workspace.begin();
    if (draft) this.#shown = { run: draft.run, ran: draft.ran };
    const offered = this.#loadOffer();
    void this.#right();
    void this.#enhance();
    const lost = resumes && draft.files > 0 && files === undefined;
    if (lost) say('The files of this program are gone from this browser.');
    if (isShared(location.hash)) await this.#takeShared(draft !== undefined);
    if (linked !== undefined) {
      const keepCode = linked === draft?.run;
      const executions = await this.#executions();
      void executions.open(linked, { keepCode, undo: false, ran: keepCode ? draft.ran : '' });
    }
    if (lost) toast('The files of this program are gone: they were too large to be kept in this browser.');
    if (document.documentElement.dataset.asked === 'run') void this.#run();
    await offered;
  }

  async #enhance(): Promise<void> {
    await this.#workspace.enhance();
    if (matchMedia('(pointer: fine)').matches && document.activeElement === document.body)
      this.#workspace.focus();
  }

  // The right-hand side

  #right(): Promise<Result> {
    this.#coming ??= import('./result.ts').then(({ createResult }) => {
      this.#result = createResult(this.#workspace, this.#button, {
        changed: () => saveDraft(() => this.#draft()),
        serverBack: async () => {
          if (!this.#offerIsReal) await this.#loadOffer();
        },
        toResult: () => {
          if (isNarrow()) showPane('output');
        },
      });
      return this.#result;
    });
    this.#coming.catch(() => {
      this.#coming = undefined;
    });
    return this.#coming;
  }

  async #executions(): Promise<Executions> {
    return (await this.#right()).executions;
  }

  async #run(): Promise<void> {
    if (!this.#result) byId('verdict-title').textContent = 'Starting';
    await (await this.#executions()).run();
  }

  async #loadOffer(): Promise<void> {
    let offer: Offer | undefined;
    try {
      const answer = await fetch(`${apiBase(location.href)}languages`, {
        cache: 'no-store',
        headers: keyHeaders(),
      });
      offer = answer.ok ? decodeOffer(await answer.json()) : undefined;
    } catch {
      void this.#executions().then((executions) => executions.unreachable());
    }
    this.#offerIsReal = offer !== undefined;
    this.#workspace.setOffer(offer);
    this.#result?.console.setLimits(this.#workspace.limits);
  }

  #draft(): Draft {
    return { ...this.#workspace.draft, ...(this.#result?.executions.shown ?? this.#shown) };
  }

  #edited(): void {
    if (!this.#workspace) return; // the parts are still being put together
    this.#button.setFault(this.#workspace.fault);
    this.#button.setTests(this.#workspace.testCount);
    this.#result?.executions.edited();
    saveDraft(() => this.#draft());
    const { project } = this.#workspace;
    if (project === this.#keptProject) return;
    this.#keptProject = project;
    if (draftName() !== '') void keepFiles(draftName(), project);
  }

  /** Empties the left-hand side and shows nothing; one step brings all of it back. What runs, runs on. */
  #clear(): void {
    const executions = this.#result?.executions;
    const again = executions?.isRunning ? undefined : executions?.showAgain;
    const undo = this.#workspace.isEmpty && !again ? undefined : this.#workspace.undo(again);
    if (!executions?.isRunning) executions?.showNothing();
    this.#workspace.clear();
    if (undo) toast('Cleared.', undo);
  }

  /** Takes in what the address carries. */
  async #takeShared(undoable: boolean): Promise<void> {
    const { hash } = location;
    const shared: Shared | undefined = await carry().then(({ fromFragment }) => fromFragment(hash));
    history.replaceState(history.state, '', location.pathname);
    if (!shared) {
      toast('This link is broken: nothing can be read from it.');
      return;
    }
    const undo = undoable ? this.#workspace.undo() : undefined;
    this.#workspace.take(shared);
    toast('This program came with the link. It has not been run.', undo);
  }

  /** A part that cannot be fetched: the line broke, or the server has another page by now. A reload brings all of it. */
  #setUpParts(): void {
    addEventListener('unhandledrejection', (event) => {
      if (!/module/i.test(String(event.reason))) return;
      event.preventDefault();
      if (!this.#result) byId('verdict-title').textContent = 'Ready';
      const run = () => location.reload();
      toast('A part of this page could not be fetched. What you wrote is kept.', { word: 'Reload', run });
    });
  }

  /** On paper the whole program stands, not what the editor shows of it. */
  #setUpPaper(): void {
    const lay = () => {
      byId('on-paper').textContent = inert(this.#workspace.code);
    };
    addEventListener('beforeprint', lay);
    matchMedia('print').addEventListener('change', lay);
  }

  #setUpEditorKeys(): void {
    document.addEventListener('to-editor', () => this.#workspace.focus());
    document.addEventListener('keydown', (event) => {
      if (document.querySelector('dialog[open]')) return;
      if (event.key === 'F8') {
        event.preventDefault();
        this.#workspace.nextMark(event.shiftKey ? -1 : 1);
      } else if (hasMod(event) && event.key.toLowerCase() === 's') {
        event.preventDefault();
        const name = this.#workspace.fileNames[0] ?? 'program.txt';
        void carry().then(({ offerDownload }) => offerDownload(name, this.#workspace.code));
      } else if (event.key === 'Escape' && event.target === byId('console')) this.#workspace.focus();
    });
    addEventListener('hashchange', () => {
      if (isShared(location.hash)) void this.#takeShared(true);
    });
  }
}

void new App().start();
