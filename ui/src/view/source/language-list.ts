/** The list of languages, which can be searched by name and alias (ARIA APG: combobox). */

import '../../boot-layer.ts';
import type { Language } from '../../contract.ts';
import { byId, h, memory } from '../page/dom.ts';

/** Languages that were chosen last come first. */
const RECENT = 3;

export class LanguageList {
  readonly #button: HTMLElement;
  readonly #popup = byId('languages');
  readonly #search = byId<HTMLInputElement>('language-search');
  readonly #list = byId('language-list');
  readonly #chosen: (name: string) => void;
  #languages: Language[] = [];
  #current = '';
  #active = 0;

  constructor(button: HTMLElement, chosen: (name: string) => void) {
    this.#button = button;
    this.#chosen = chosen;
    this.#search.addEventListener('input', () => this.#filter());
    this.#search.addEventListener('keydown', (event) => this.#key(event));
    this.#list.addEventListener('click', (event) => {
      const row = (event.target as Element).closest<HTMLElement>('[role="option"]');
      if (row) this.#choose(row);
    });
    document.addEventListener('pointerdown', (event) => {
      const path = event.composedPath();
      if (!path.includes(this.#popup) && !path.includes(this.#button)) this.#close(false);
    });
    this.#popup.addEventListener('focusout', (event) => {
      if (event.relatedTarget && !this.#popup.contains(event.relatedTarget as Node)) this.#close(false);
    });
  }

  /** Opens it with these languages, or closes it. */
  toggle(languages: Language[], current: string): void {
    this.#languages = languages;
    this.#current = current;
    if (this.#popup.hidden) this.#open();
    else this.#close(true);
  }

  #open(): void {
    this.#search.value = '';
    this.#popup.hidden = false;
    this.#button.setAttribute('aria-expanded', 'true');
    this.#filter();
    this.#search.focus();
  }

  #close(refocus: boolean): void {
    if (this.#popup.hidden) return;
    this.#popup.hidden = true;
    this.#button.setAttribute('aria-expanded', 'false');
    if (refocus) this.#button.focus();
  }

  #filter(): void {
    const asked = this.#search.value.trim().toLowerCase();
    const matches =
      asked === '' ? this.#ordered() : this.#languages.filter((language) => finds(language, asked));
    const exact = (language: Language) =>
      [language.name, language.title.toLowerCase(), ...language.aliases].includes(asked) ? 0 : 1;
    matches.sort((a, b) => (asked === '' ? 0 : exact(a) - exact(b)));
    const rows = matches.map((language, n) => this.#row(language, n));
    this.#list.replaceChildren(...rows);
    byId('language-none').textContent = rows.length === 0 ? 'No language is called so here.' : '';
    const current = matches.findIndex((language) => language.name === this.#current);
    this.#activate(asked === '' ? Math.max(0, current) : 0);
  }

  #ordered(): Language[] {
    const recent = recentLanguages();
    const rank = ({ name }: Language) => (recent.includes(name) ? recent.indexOf(name) : recent.length);
    return [...this.#languages].sort((a, b) => rank(a) - rank(b) || a.title.localeCompare(b.title));
  }

  #row(language: Language, n: number): HTMLElement {
    const { name, title, version, available, compiled } = language;
    const note = available ? (compiled ? 'compiled' : '') : 'not at hand';
    const attributes = {
      role: 'option',
      id: `language-${n}`,
      'data-name': name,
      'aria-selected': String(name === this.#current),
      'aria-disabled': available ? undefined : 'true',
    };
    const parts = [h('b', {}, title), h('span', {}, version), h('span', { class: 'note-of' }, note)];
    return h('div', attributes, ...parts);
  }

  #rows(): HTMLElement[] {
    return [...this.#list.querySelectorAll<HTMLElement>('[role="option"]')];
  }

  #activate(n: number): void {
    const rows = this.#rows();
    this.#active = rows.length === 0 ? 0 : (n + rows.length) % rows.length;
    for (const [at, row] of rows.entries()) row.classList.toggle('active', at === this.#active);
    const row = rows[this.#active];
    this.#search.setAttribute('aria-activedescendant', row?.id ?? '');
    row?.scrollIntoView({ block: 'nearest' });
  }

  #choose(row: HTMLElement): void {
    if (row.getAttribute('aria-disabled') === 'true') return;
    const name = row.dataset.name ?? '';
    this.#close(true);
    memory.write(
      'languages',
      JSON.stringify([name, ...recentLanguages().filter((one) => one !== name)].slice(0, RECENT)),
    );
    this.#chosen(name);
  }

  #key(event: KeyboardEvent): void {
    if (event.key === 'ArrowDown') this.#activate(this.#active + 1);
    else if (event.key === 'ArrowUp') this.#activate(this.#active - 1);
    else if (event.key === 'Enter') {
      const row = this.#rows()[this.#active];
      if (row) this.#choose(row);
    } else if (event.key === 'Escape') this.#close(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function finds({ name, title, aliases, extensions }: Language, asked: string): boolean {
  return [name, title, ...aliases, ...extensions].some((word) => word.toLowerCase().includes(asked));
}

function recentLanguages(): string[] {
  try {
    const names = JSON.parse(memory.read('languages') ?? '[]') as unknown;
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}
