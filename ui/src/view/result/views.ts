/** Output, tests, files: one is shown at a time, and there is a row to choose from when there are two (ARIA APG: tabs). */

import { byId, h } from '../page/dom.ts';

export type ViewName = 'output' | 'tests' | 'files';

export class Views {
  readonly #row = byId('views');
  #names: ViewName[] = [];

  constructor() {
    this.#row.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step === undefined) return;
      const tabs = [...this.#row.querySelectorAll<HTMLElement>('[role="tab"]')];
      const at = tabs.indexOf(document.activeElement as HTMLElement);
      const next = tabs[(at + step + tabs.length) % tabs.length];
      next?.focus();
      next?.click();
      event.preventDefault();
    });
  }

  /** Offers these, with words of their own, and shows the first. */
  offer(views: [name: ViewName, words: string][], first: ViewName): void {
    this.#names = views.map(([name]) => name);
    const tabs = views.map(([name, words]) =>
      h(
        'button',
        {
          role: 'tab',
          type: 'button',
          id: `view-${name}`,
          class: 'view',
          'aria-controls': panelOf(name),
          onclick: () => this.show(name),
        },
        words,
      ),
    );
    this.#row.replaceChildren(...tabs);
    this.#row.hidden = views.length < 2;
    this.show(first);
  }

  show(name: ViewName): void {
    const many = this.#names.length > 1;
    for (const each of ['output', 'tests', 'files'] as const) {
      const panel = byId(panelOf(each));
      panel.hidden = each !== name;
      if (many && this.#names.includes(each)) {
        if (each !== 'output') panel.setAttribute('role', 'tabpanel');
        const tab = byId(`view-${each}`);
        tab.setAttribute('aria-selected', String(each === name));
        tab.tabIndex = each === name ? 0 : -1;
      }
    }
  }
}

function panelOf(name: ViewName): string {
  return name === 'output' ? 'console' : `${name}-result`;
}
