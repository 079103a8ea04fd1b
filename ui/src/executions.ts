/** The right-hand side: runs programs, brings back earlier executions, and keeps the address in step with what shows. */

import * as api from './api.ts';
import type { Execution, RunRequest } from './contract.ts';
import { useKey } from './key.ts';
import { isShared, pageUrl, runInHash, runLink } from './logic/base.ts';
import { fingerprint } from './logic/fingerprint.ts';
import { ApiError, unreachable } from './logic/problem.ts';
import { announcement, verdict } from './logic/status.ts';
import { Running } from './running.ts';
import { serverIsBack } from './server-watch.ts';
import { keptRun } from './store.ts';
import type { HistoryView } from './view/history.ts';
import { byId, say } from './view/page/dom.ts';
import { dropToast, toast } from './view/page/toast.ts';
import type { ConsoleView } from './view/result/console.ts';
import type { Transcript } from './view/result/transcript.ts';
import type { RunButton } from './view/source/run-button.ts';
import { Visited } from './visited.ts';
import type { Workspace } from './workspace.ts';

/** An earlier run that comes later than this is said to be coming. */
const LOADING_AFTER_MS = 150;

export interface ExecutionsEvents {
  /** A run is over, however it ended, or another one is shown. */
  changed: () => void;
  /** The server answers again, after it had not. */
  serverBack: () => Promise<void>;
  /** What was asked for should be seen: on a narrow screen one thing is shown at a time. */
  toResult: () => void;
}

/** What an execution is run from and shown in. */
export interface Parts {
  workspace: Workspace;
  button: RunButton;
  console: ConsoleView;
  history: HistoryView;
}

/** What is shown, and what it was made from. */
interface Shown {
  id: string;
  /** The fingerprint of what was run; nothing where that is not known. */
  ran: string;
  /** What is not known of it. */
  note: string | undefined;
}

const NOTHING: Shown = { id: '', ran: '', note: undefined };
const UNKNOWN = 'The record of this run has its code. Its input, arguments and further files were not kept.';

export class Executions {
  readonly #workspace: Workspace;
  readonly #console: ConsoleView;
  readonly #history: HistoryView;
  readonly #events: ExecutionsEvents;
  readonly #running: Running;
  readonly #visited = new Visited();
  #shown = NOTHING;
  /** Counts what the person has turned to: an answer to an earlier turn is not shown. */
  #navigation = 0;
  readonly #runAgain = { word: 'Run again', run: () => void this.run() };

  constructor(parts: Parts, events: ExecutionsEvents) {
    this.#workspace = parts.workspace;
    this.#console = parts.console;
    this.#history = parts.history;
    this.#events = events;
    this.#running = new Running(parts.workspace, parts.button, parts.console);
    addEventListener('popstate', (event) => void this.#follow(event.state));
  }

  /** What is shown, for the draft. */
  get shown(): { run: string; ran: string } {
    return { run: this.#shown.id, ran: this.#shown.ran };
  }

  // Running

  async run(request = this.#workspace.request): Promise<void> {
    if (this.#running.isOn) return;
    dropToast();
    const { fault } = this.#workspace;
    if (fault !== undefined) {
      this.showNothing();
      this.#console.problem({ kind: 'refused', title: 'Not run', detail: fault });
      this.#events.toResult();
      say(`Not run. ${fault}`);
      return;
    }
    await this.#send(request);
  }

  async runTests(): Promise<void> {
    const request = this.#workspace.testRequest;
    if (request) await this.run(request);
  }

  stop(): void {
    this.#running.stop();
  }

  async #send(request: RunRequest): Promise<void> {
    const navigation = ++this.#navigation;
    const here = () => navigation === this.#navigation;
    await this.#running.send(request, {
      here,
      attached: (ran) => {
        this.#shown = { id: '', ran, note: undefined };
        this.edited();
        this.#events.toResult();
      },
      ended: (execution, ran, how) => this.#show(execution, { ran, note: undefined }, how),
      failed: (error, transcript) => {
        this.#shown = NOTHING;
        history.replaceState(history.state, '', pageUrl(location.href));
        this.#fail(error, transcript);
      },
      over: (execution) => {
        this.#history.select(this.#shown.id);
        if (here()) this.#events.toResult();
        else if (execution) this.#endedElsewhere(execution);
        this.#events.changed();
        if (execution) this.#history.add(execution, request);
        else void this.#history.refresh();
      },
    });
  }

  /** A run has ended while something else is looked at. */
  #endedElsewhere(execution: Execution): void {
    const { title } = verdict(execution);
    if (execution.id === '') return;
    toast(`Your run has ended: ${title}.`, { word: 'Show it', run: () => this.go(execution.id) });
  }

  #fail(error: unknown, transcript?: Transcript): void {
    if (!(error instanceof ApiError)) throw error;
    const { problem } = error;
    const canRetry = problem.kind !== 'refused' && problem.kind !== 'missing';
    const action = problem.kind === 'key' ? this.#withKey(() => void this.run()) : this.#runAgain;
    this.#console.problem(problem, canRetry ? action : undefined, transcript);
    say(error.message);
    if (problem.kind === 'unreachable') this.waitForServer(error);
  }

  /** Asks for the key that the server wants, and then does what was refused without it. */
  #withKey(again: () => void): { word: string; run: () => void } {
    const ask = async () => {
      const { askForKey } = await import('./view/page/key-dialog.ts');
      const key = await askForKey();
      if (key === '') return;
      useKey(key);
      await this.#events.serverBack();
      again();
    };
    return { word: 'Enter a key', run: () => void ask() };
  }

  /** The server did not answer when it was asked what it offers. */
  unreachable(): void {
    if (!this.#shown.id) this.waitForServer(new ApiError(unreachable()));
  }

  /** Says that the server does not answer, unless something better is shown, and waits until it does. */
  waitForServer({ problem }: ApiError): void {
    const nothing = !this.#shown.id && !this.#running.isOn && this.#console.shown === undefined;
    if (nothing && byId('verdict').dataset.tone !== 'bad') this.#console.problem(problem, this.#runAgain);
    const navigation = this.#navigation;
    const here = () => navigation === this.#navigation; // else another run has said how things stand
    void serverIsBack(here).then(async (isBack) => {
      if (!isBack || !here()) return;
      const detail = 'Nothing of yours is lost. Run it again.';
      this.#console.problem({ kind: 'unreachable', title: 'The server is back', detail }, this.#runAgain);
      byId('verdict').dataset.tone = 'good';
      say('The server is back.');
      await this.#events.serverBack();
      void this.#history.refresh();
    });
  }

  // What is shown, and whether it belongs to what stands beside it

  #show(execution: Execution, from: Omit<Shown, 'id'>, how: Parameters<ConsoleView['show']>[1] = {}): void {
    this.#shown = { id: execution.id, ...from };
    this.#console.show(execution, how);
    this.#history.select(execution.id);
    this.edited();
    const marks = (execution.diagnostics ?? []).map(({ file, line, column, message }) => ({
      ...{ file, line, message },
      ...(column === undefined ? {} : { column }),
    }));
    this.#workspace.mark(this.#isStale ? [] : marks);
    say(announcement(execution));
  }

  get #isStale(): boolean {
    const { ran } = this.#shown;
    if (ran === '') return false;
    const { request, testRequest } = this.#workspace;
    return ran !== fingerprint(request) && (!testRequest || ran !== fingerprint(testRequest));
  }

  /** The left-hand side has changed: what is shown may be of an earlier version of it. */
  edited(): void {
    if (this.#shown === NOTHING) return;
    const stale = this.#isStale;
    const { id, note } = this.#shown;
    this.#console.pairing(stale ? 'Output of an earlier version.' : note, stale);
    const address = id && !stale ? runLink(location.href, id) : pageUrl(location.href);
    if (location.href !== address) history.replaceState(history.state, '', address);
  }

  // History and links

  /** To an execution, so that "back" leads back, to what stands here now. */
  go(id: string): void {
    this.#visited.leaveFor(runLink(location.href, id), this.#workspace.snapshot);
    void this.open(id, { keepCode: false, undo: true });
  }

  async #follow(state: unknown): Promise<void> {
    if (isShared(location.hash)) return; // a link that carries code is somebody else's business
    const kept = this.#visited.at(state);
    const id = runInHash(location.hash);
    if (kept) this.#workspace.restore(kept);
    if (id === undefined) {
      if (!this.#running.isOn) this.showNothing();
    } else if (id !== this.#shown.id) await this.open(id, { keepCode: kept !== undefined, undo: false });
  }

  /** Brings back code and output. What was run goes on. */
  async open(
    id: string,
    { keepCode, undo, ran = '' }: { keepCode: boolean; undo: boolean; ran?: string },
  ): Promise<boolean> {
    const navigation = ++this.#navigation;
    const here = () => navigation === this.#navigation;
    const slow = window.setTimeout(() => this.#console.loading(), LOADING_AFTER_MS);
    try {
      const [execution, asked] = await Promise.all([api.execution(id), keptRun(id)]);
      if (!here()) return false;
      clearTimeout(slow);
      if (asked?.tests) execution.asked = asked.tests;
      if (!keepCode) {
        const way = undo && !this.#workspace.isEmpty ? this.#workspace.undo() : undefined;
        await this.#workspace.bringBack(execution, asked);
        if (way) toast('The code of this run is in the place of yours.', way);
      }
      const known =
        ran || (asked ? fingerprint(asked) : keepCode ? '' : fingerprint(this.#workspace.request));
      this.#show(execution, { ran: known, note: asked || ran ? undefined : UNKNOWN });
      this.#events.toResult();
      this.#events.changed();
      if (execution.status === 'running') void this.#await(id, navigation);
      return true;
    } catch (error) {
      if (!here()) return false;
      if (!(error instanceof ApiError)) throw error;
      const { problem } = error;
      const lost = {
        ...problem,
        title: 'No such execution',
        detail: 'It may have expired, or belong to somebody else.',
      };
      this.#shown = NOTHING;
      const again = () => void this.open(id, { keepCode, undo, ran });
      const action = problem.kind === 'key' ? this.#withKey(again) : undefined;
      this.#console.problem(problem.kind === 'missing' ? lost : problem, action);
      say(error.message);
      if (problem.kind === 'unreachable') this.waitForServer(error);
      return false;
    } finally {
      clearTimeout(slow);
    }
  }

  /** Follows a run of somewhere else to its end. */
  async #await(id: string, navigation: number): Promise<void> {
    const here = () => navigation === this.#navigation;
    while (here()) {
      try {
        const execution = await api.executionWhenEnded(id);
        if (!here()) return;
        if (execution.status === 'running') continue;
        const { ran, note } = this.#shown;
        this.#show(execution, { ran, note });
        void this.#history.refresh();
        return;
      } catch {
        await new Promise((done) => window.setTimeout(done, 3000));
      }
    }
  }

  async again(id: string): Promise<void> {
    if (this.#running.isOn) {
      toast('A program of yours is running. Stop it first.');
      return;
    }
    this.#visited.leaveFor(runLink(location.href, id), this.#workspace.snapshot);
    if (!(await this.open(id, { keepCode: false, undo: true }))) return;
    await this.run();
  }

  showNothing(): void {
    this.#navigation++;
    this.#shown = NOTHING;
    this.#console.idle();
    this.#workspace.mark([]);
    this.#history.select('');
    history.replaceState(history.state, '', pageUrl(location.href));
  }

  get isRunning(): boolean {
    return this.#running.isOn;
  }

  /** What is shown, so that it can be shown again. */
  get showAgain(): (() => void) | undefined {
    const { shown } = this.#console;
    const from = this.#shown;
    return shown && (() => this.#show(shown, { ran: from.ran, note: from.note }));
  }
}
