/** Puts the page together: what is to be run on the left, what has been run on the right, and what joins them. */

import * as api from './api.ts';
import type { Offer } from './contract.ts';
import { Executions } from './executions.ts';
import { runInHash } from './logic/base.ts';
import { DEFAULT_OFFER } from './logic/offer.ts';
import { ApiError } from './logic/problem.ts';
import { ConsoleView } from './view/console.ts';
import { byId } from './view/dom.ts';
import { type Draft, loadDraft, saveDraft, saveDraftNow } from './view/draft.ts';
import { HistoryView } from './view/history.ts';
import { setUpKeys } from './view/keys.ts';
import { RunButton } from './view/run-button.ts';
import { setUpThemes } from './view/themes.ts';
import { Workspace } from './workspace.ts';

class App {
  #offerIsReal = false;
  readonly #workspace: Workspace;
  readonly #button: RunButton;
  readonly #console: ConsoleView;
  readonly #history: HistoryView;
  readonly #executions: Executions;

  constructor() {
    this.#console = new ConsoleView(DEFAULT_OFFER.limits, {
      copyLink: (id) => void this.#executions.copyLink(id),
      copyCurl: (execution) => void this.#executions.copyCurl(execution),
    });
    this.#history = new HistoryView({
      open: (id) => this.#executions.go(id),
      again: (id) => void this.#executions.again(id),
    });
    this.#button = new RunButton(
      () => void this.#executions.run(),
      () => this.#executions.stop(),
    );
    this.#workspace = new Workspace({
      edited: () => {
        this.#button.setFault(this.#workspace.fault);
        saveDraft(() => this.#draft());
      },
      exampleLoaded: () => this.#button.focus(),
    });
    this.#executions = new Executions(
      { workspace: this.#workspace, button: this.#button, console: this.#console, history: this.#history },
      {
        ended: () => saveDraft(() => this.#draft()),
        serverBack: async () => {
          if (!this.#offerIsReal) await this.#loadOffer();
        },
      },
    );
    byId('clear').addEventListener('click', () => this.#clear());
    setUpKeys();
    setUpThemes(() => this.#console.themeChanged());
    addEventListener('pagehide', () => saveDraftNow(() => this.#draft()));
  }

  async start(): Promise<void> {
    const draft = loadDraft();
    const linked = runInHash(location.hash);
    if (draft && (linked === undefined || linked === draft.run)) this.#workspace.resume(draft);
    else this.#workspace.begin();
    void this.#history.refresh();
    if (linked !== undefined) void this.#executions.open(linked, { keepCode: linked === draft?.run });
    await this.#loadOffer();
    if (matchMedia('(pointer: fine)').matches && document.activeElement === document.body)
      this.#workspace.focus();
  }

  async #loadOffer(): Promise<void> {
    let offer: Offer | undefined;
    try {
      offer = await api.offer();
    } catch (error) {
      if (error instanceof ApiError && error.problem.kind === 'unreachable' && !this.#executions.shownId)
        this.#executions.waitForServer(error);
    }
    if (offer) {
      this.#offerIsReal = true;
      this.#console.setLimits(offer.limits);
    }
    this.#workspace.setOffer(offer);
  }

  #draft(): Draft {
    return { ...this.#workspace.draft, run: this.#executions.shownId };
  }

  #clear(): void {
    this.#executions.stop();
    this.#executions.showNothing();
    this.#workspace.clear();
  }
}

void new App().start();
