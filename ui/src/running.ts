/** One run at a time: sent to the server, shown as it goes on, typed to, stopped, and handed over when it has ended. */

import * as api from './api.ts';
import type { Execution, RunRequest } from './contract.ts';
import { keyHeaders } from './key.ts';
import { LiveRun, Stopped } from './live.ts';
import { fingerprint } from './logic/fingerprint.ts';
import * as format from './logic/format.ts';
import { keepRun } from './store.ts';
import { say } from './view/page/dom.ts';
import type { ConsoleView } from './view/result/console.ts';
import { InputRow } from './view/result/input-row.ts';
import { Speaker } from './view/result/speaker.ts';
import { Transcript } from './view/result/transcript.ts';
import type { RunButton } from './view/source/run-button.ts';
import type { Workspace } from './workspace.ts';

/** What has come of a run is shown when it has ended, or when it has run for so long. */
const SHOW_AFTER_MS = 150;

/** Whether the person still looks at what began with this run, and what becomes of it. */
export interface Watch {
  here: () => boolean;
  /** It is the one that is shown from now on; `ran` is the fingerprint of what was asked. */
  attached: (ran: string) => void;
  ended: (execution: Execution, ran: string, how: { transcript: Transcript; roundTripMs?: number }) => void;
  failed: (error: unknown, transcript: Transcript) => void;
  /** It is over, however it ended; with an outcome where there is one. */
  over: (execution: Execution | undefined) => void;
}

export class Running {
  readonly #workspace: Workspace;
  readonly #button: RunButton;
  readonly #console: ConsoleView;
  readonly #row = new InputRow();
  #run: LiveRun | undefined;

  constructor(workspace: Workspace, button: RunButton, console: ConsoleView) {
    this.#workspace = workspace;
    this.#button = button;
    this.#console = console;
  }

  get isOn(): boolean {
    return this.#run !== undefined;
  }

  stop(): void {
    this.#run?.stop();
  }

  async send(request: RunRequest, watch: Watch): Promise<void> {
    const started = performance.now();
    const transcript = new Transcript({
      files: this.#workspace.fileNames,
      go: (place) => this.#workspace.goTo(place),
    });
    const speaker = new Speaker();
    const ran = fingerprint(request);
    let id = '';
    let attached = false;
    let compiling = false;
    let offered = false;
    /** Once the run is shown and its socket is open, whichever comes last: a slow line opens one late. */
    const offerTyping = () => {
      if (!attached || offered || !watch.here() || !run.canType) return;
      offered = true;
      this.#offerTyping(run, transcript);
    };
    const run = new LiveRun(
      api.base,
      request,
      {
        accepted: (accepted) => {
          id = accepted;
          void keepRun(id, request);
          offerTyping();
        },
        began: (compiles) => {
          compiling = compiles;
          if (attached && watch.here()) this.#console.compiling(compiles);
        },
        output: (stream, text) => {
          transcript.write(stream, text);
          if (!attached || !watch.here()) return;
          speaker.write(text);
          this.#row.heard();
        },
        gap: (stream, bytes) =>
          transcript.gap(stream, `${format.bytes(bytes)} came too fast to be shown here`),
      },
      keyHeaders(),
    );
    this.#run = run;
    this.#button.setRunning(true);
    this.#row.began();
    const attach = () => {
      attached = true;
      if (!watch.here()) return;
      const limit = request.limits?.timeout_seconds ?? this.#workspace.limits.timeout_seconds;
      this.#console.running(started, limit, transcript);
      if (compiling) this.#console.compiling(true);
      watch.attached(ran);
      say('Running.');
      if (!transcript.isEmpty) speaker.write(transcript.text('stdout', 'stderr'));
      offerTyping();
    };
    const clock = window.setTimeout(attach, SHOW_AFTER_MS);
    let ended: Execution | undefined;
    try {
      ended = await run.result();
      if (request.tests) ended.asked = request.tests;
      if (watch.here()) {
        this.#row.hide();
        await transcript.settled();
      }
      if (watch.here()) watch.ended(ended, ran, { transcript, roundTripMs: performance.now() - started });
    } catch (error) {
      if (error instanceof Stopped) {
        ended = stopped(request.language, id, transcript);
        if (watch.here()) watch.ended(ended, ran, { transcript });
      } else if (watch.here()) watch.failed(error, transcript);
    } finally {
      clearTimeout(clock);
      speaker.stop();
      this.#run = undefined;
      this.#button.setRunning(false);
      this.#row.hide();
      watch.over(ended);
    }
  }

  #offerTyping(run: LiveRun, transcript: Transcript): void {
    this.#row.show({
      line: (text) => {
        transcript.write('typed', text);
        run.type(text);
      },
      end: () => run.endInput(),
      interrupt: () => run.interrupt(),
    });
  }
}

/** What is known of a run that was stopped: all that it had written. */
function stopped(language: string, id: string, transcript: Transcript): Execution {
  const output = transcript.text('stdout');
  const error = 'What it wrote until then is below. Its sandbox is gone.';
  return { id, language, status: 'cancelled', output, error, stderr: transcript.text('stderr') };
}
