/** The right-hand side: runs programs, brings back earlier executions, and keeps the address in step with what shows. */

import * as api from './api.ts';
import type { Execution, RunRequest } from './contract.ts';
import { pageUrl, runInHash, runLink } from './logic/base.ts';
import { ApiError } from './logic/problem.ts';
import { toCurl } from './logic/request.ts';
import { announcement } from './logic/status.ts';
import type { ConsoleView } from './view/console.ts';
import { copy } from './view/copy.ts';
import { byId, say } from './view/dom.ts';
import type { HistoryView } from './view/history.ts';
import type { RunButton } from './view/run-button.ts';
import type { Workspace } from './workspace.ts';

/** A clock is shown only for runs that take longer than this. */
const SHOW_CLOCK_AFTER_MS = 150;

export interface ExecutionsEvents {
  /** A run is over, however it ended. */
  ended: () => void;
  /** The server answers again, after it had not. */
  serverBack: () => Promise<void>;
}

/** What an execution is run from and shown in. */
export interface Parts {
  workspace: Workspace;
  button: RunButton;
  console: ConsoleView;
  history: HistoryView;
}

export class Executions {
  readonly #workspace: Workspace;
  readonly #button: RunButton;
  readonly #console: ConsoleView;
  readonly #history: HistoryView;
  readonly #events: ExecutionsEvents;
  #running: AbortController | undefined;
  /** What was asked, by execution: the history keeps the code, not its input and its files. */
  readonly #requests = new Map<string, RunRequest>();
  #shownId = '';
  /** Counts what the person has turned to: an answer to an earlier turn is not shown. */
  #navigation = 0;
  readonly #runAgain = { word: 'Run again', run: () => void this.run() };

  constructor(parts: Parts, events: ExecutionsEvents) {
    this.#workspace = parts.workspace;
    this.#button = parts.button;
    this.#console = parts.console;
    this.#history = parts.history;
    this.#events = events;
    addEventListener('hashchange', () => void this.#follow());
  }

  /** The execution that is shown, or an empty string. */
  get shownId(): string {
    return this.#shownId;
  }

  // Running

  async run(): Promise<void> {
    if (this.#running) return;
    const { fault } = this.#workspace;
    if (fault !== undefined) {
      this.showNothing();
      this.#console.problem({ kind: 'refused', title: 'Not run', detail: fault });
      say(`Not run. ${fault}`);
      return;
    }
    await this.#send(this.#workspace.request);
  }

  stop(): void {
    this.#running?.abort();
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
      } else this.#fail(error);
    } finally {
      clearTimeout(clock);
      this.#running = undefined;
      this.#button.setRunning(false);
      this.#history.select(this.#shownId);
      this.#bringOutputIntoView();
      this.#events.ended();
      void this.#history.refresh();
      // The server learns of a stopped run when the connection closes: its record is a moment late.
      if (abort.signal.aborted) window.setTimeout(() => void this.#history.refresh(), 1500);
    }
  }

  #fail(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    const { problem } = error;
    const canRetry = problem.kind !== 'refused' && problem.kind !== 'missing';
    this.#console.problem(problem, canRetry ? this.#runAgain : undefined);
    say(error.message);
    if (problem.kind === 'unreachable') this.waitForServer(error);
  }

  /** Looks, more and more rarely, whether the server is back, and says so. */
  waitForServer(error: ApiError): void {
    const navigation = this.#navigation;
    if (!this.#shownId && !this.#running) this.#console.problem(error.problem, this.#runAgain);
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
          this.#runAgain,
        );
        byId('verdict').dataset.tone = 'good';
        say('The server is back.');
        await this.#events.serverBack();
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
  go(id: string): void {
    if (runInHash(location.hash) === id) void this.open(id, { keepCode: false });
    else location.hash = `#/run/${encodeURIComponent(id)}`;
  }

  async #follow(): Promise<void> {
    const id = runInHash(location.hash);
    if (id === undefined) this.showNothing();
    else if (id !== this.#shownId) await this.open(id, { keepCode: false });
  }

  /** Brings back code and output. */
  async open(id: string, { keepCode }: { keepCode: boolean }): Promise<boolean> {
    this.stop();
    const navigation = ++this.#navigation;
    const slow = window.setTimeout(() => this.#console.loading(), SHOW_CLOCK_AFTER_MS);
    try {
      const execution = await api.execution(id);
      if (navigation !== this.#navigation) return false;
      this.#shownId = id;
      this.#history.select(id);
      if (!keepCode) this.#workspace.bringBack(execution, this.#requests.get(execution.id));
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
      if (problem.kind === 'unreachable') this.waitForServer(error);
      return false;
    } finally {
      clearTimeout(slow);
    }
  }

  async again(id: string): Promise<void> {
    if (this.#running) return;
    if (!(await this.open(id, { keepCode: false }))) return;
    await this.run();
  }

  showNothing(): void {
    this.#navigation++;
    this.#shownId = '';
    this.#console.idle();
    this.#history.select('');
    history.replaceState(null, '', pageUrl(location.href));
  }

  // Sharing

  async copyLink(id: string): Promise<void> {
    await copy(runLink(location.href, id), 'Link copied.');
  }

  async copyCurl(execution: Execution): Promise<void> {
    const asked = this.#requests.get(execution.id) ?? {
      language: execution.language,
      stdin: '',
      args: [],
      program: { kind: 'code' as const, code: execution.code ?? this.#workspace.code },
    };
    await copy(toCurl(api.runUrl, asked), 'Command copied.');
  }
}
