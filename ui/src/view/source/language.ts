/** The choice of a language: a button that says which one it is, and a list that comes with the first press. */

import type { Language } from '../../contract.ts';
import { byId } from '../page/dom.ts';
import type { LanguageList } from './language-list.ts';

export class LanguageChoice {
  readonly #button = byId('language');
  readonly #chosen: (name: string) => void;
  #list: Promise<LanguageList> | undefined;
  #languages: Language[] = [];
  #current = '';

  constructor(chosen: (name: string) => void) {
    this.#chosen = chosen;
    const open = () => void this.#there().then((list) => list.toggle(this.#languages, this.#current));
    this.#button.addEventListener('click', open);
    this.#button.addEventListener('keydown', (event) => {
      if (event.key !== 'ArrowDown') return;
      event.preventDefault();
      open();
    });
  }

  #there(): Promise<LanguageList> {
    this.#list ??= import('./language-list.ts').then(
      ({ LanguageList }) => new LanguageList(this.#button, this.#chosen),
    );
    return this.#list;
  }

  offer(languages: Language[]): void {
    this.#languages = languages;
    this.show(this.#current);
  }

  /** Which one is chosen. */
  show(name: string): void {
    this.#current = name;
    const language = this.#languages.find((one) => one.name === name);
    const title = language?.title ?? name.charAt(0).toUpperCase() + name.slice(1);
    byId('language-name').textContent = title;
    byId('version').textContent = language?.version ?? '';
    this.#button.dataset.value = name;
  }
}
