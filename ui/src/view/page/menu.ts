/** A menu below its button, as the ARIA practices describe it. */

import '../../boot-layer.ts';
import type { Example } from '../../logic/examples.ts';
import { h } from './dom.ts';

export interface Group {
  title: string;
  items: Example[];
}

export class Menu {
  readonly #button: HTMLElement;
  readonly #menu: HTMLElement;
  readonly #groups: () => Promise<Group[]>;
  readonly #choose: (example: Example) => void;

  constructor(
    button: HTMLElement,
    menu: HTMLElement,
    groups: () => Promise<Group[]>,
    choose: (example: Example) => void,
  ) {
    this.#button = button;
    this.#menu = menu;
    this.#groups = groups;
    this.#choose = choose;
    this.#menu.addEventListener('keydown', (event) => this.#key(event));
    document.addEventListener('pointerdown', (event) => {
      if (!event.composedPath().includes(this.#menu.parentElement as HTMLElement)) this.#close(false);
    });
    this.#menu.addEventListener('focusout', (event) => {
      if (event.relatedTarget && !this.#menu.contains(event.relatedTarget as Node)) this.#close(false);
    });
  }

  toggle(): void {
    if (this.#menu.hidden) void this.open(0);
    else this.#close(true);
  }

  /** Opens it with the focus on this item, counted from the end where it is negative. */
  async open(focus: number): Promise<void> {
    const groups = (await this.#groups()).filter((group) => group.items.length > 0);
    this.#menu.replaceChildren(
      ...groups.map((group, n) => {
        const title = h(
          'div',
          { class: 'menu-title', id: `menu-group-${n}`, role: 'presentation' },
          group.title,
        );
        const items = group.items.map((example) => this.#item(example));
        return h('div', { class: 'menu-group', role: 'group', 'aria-labelledby': title.id }, title, ...items);
      }),
    );
    this.#menu.hidden = false;
    this.#button.setAttribute('aria-expanded', 'true');
    this.#items().at(focus)?.focus();
  }

  #item(example: Example): HTMLElement {
    const choose = () => {
      this.#close(false);
      this.#choose(example);
    };
    const attributes = {
      class: 'menu-item',
      role: 'menuitem',
      type: 'button',
      tabindex: -1,
      onclick: choose,
    };
    return h('button', attributes, h('b', {}, example.title), h('span', {}, example.shows));
  }

  #close(refocus: boolean): void {
    if (this.#menu.hidden) return;
    this.#menu.hidden = true;
    this.#button.setAttribute('aria-expanded', 'false');
    if (refocus) this.#button.focus();
  }

  #items(): HTMLElement[] {
    return [...this.#menu.querySelectorAll<HTMLElement>('[role="menuitem"]')];
  }

  #key(event: KeyboardEvent): void {
    const items = this.#items();
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = (index: number) => items.at(index % items.length)?.focus();
    if (event.key === 'ArrowDown') to(at + 1);
    else if (event.key === 'ArrowUp') to(at - 1);
    else if (event.key === 'Home') to(0);
    else if (event.key === 'End') to(-1);
    else if (event.key === 'Escape') this.#close(true);
    else if (event.key === 'Tab') {
      this.#close(false); // and the focus goes on as it would
      return;
    } else if (/^\S$/.test(event.key) && !event.ctrlKey && !event.metaKey) {
      const letter = event.key.toLowerCase();
      const order = [...items.slice(at + 1), ...items.slice(0, at + 1)];
      order.find((item) => item.textContent?.toLowerCase().startsWith(letter))?.focus();
    } else return;
    event.preventDefault();
  }
}
