/** The button of the examples. Their menu comes with the first press. */

import type { Language } from '../../contract.ts';
import type { Example } from '../../logic/examples.ts';
import { byId } from '../page/dom.ts';
import type { Group, Menu } from '../page/menu.ts';

async function groups({ name, example }: Language): Promise<Group[]> {
  const { examplesFor } = await import('../../logic/examples.ts');
  const { start, holds } = examplesFor(name);
  const hello: Example = { title: 'Hello', shows: 'The language at work', code: example };
  return [
    { title: 'Start here', items: example ? [hello, ...start] : start },
    { title: 'See the sandbox hold', items: holds },
  ];
}

export function setUpExamples(language: () => Language, choose: (example: Example) => void): void {
  const button = byId('examples');
  let menu: Promise<Menu> | undefined;
  const there = () => {
    menu ??= import('../page/menu.ts').then(
      ({ Menu }) => new Menu(button, byId('examples-menu'), () => groups(language()), choose),
    );
    return menu;
  };
  button.addEventListener('click', () => void there().then((one) => one.toggle()));
  button.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    void there().then((one) => one.open(event.key === 'ArrowUp' ? -1 : 0));
  });
}
