/** The right-hand side as a whole: it comes after the left one, so that one can write before it is there. */

import './result-layer.ts';
import { Executions, type ExecutionsEvents } from './executions.ts';
import { keptRun } from './store.ts';
import { HistoryView } from './view/history.ts';
import { showPane } from './view/page/shell.ts';
import { ConsoleView } from './view/result/console.ts';
import type { RunButton } from './view/source/run-button.ts';
import type { Workspace } from './workspace.ts';

export interface Result {
  executions: Executions;
  console: ConsoleView;
  history: HistoryView;
}

export function createResult(workspace: Workspace, button: RunButton, events: ExecutionsEvents): Result {
  const carry = () => import('./carry.ts');
  const view = new ConsoleView(workspace.limits, {
    copyLink: (id) => void carry().then(({ copyLink }) => copyLink(id)),
    copyCurl: (execution) => void carry().then(({ copyCurl }) => copyCurl(execution, workspace.code)),
    goTo: (place) => {
      showPane('code');
      workspace.goTo(place);
    },
    giveInput: () => {
      showPane('code');
      workspace.askForInput();
    },
    files: () => workspace.fileNames,
    expect: () => (workspace.tests.fixed ? undefined : (n, output) => workspace.expect(n, output)),
    useAsTest: ({ id, output }) =>
      void keptRun(id).then((asked) => workspace.addTest((asked?.stdin ?? '') + view.typed, output)),
  });
  const list = new HistoryView({
    open: (id) => executions.go(id),
    again: (id) => void executions.again(id),
  });
  const executions = new Executions({ workspace, button, console: view, history: list }, events);
  return { executions, console: view, history: list };
}
