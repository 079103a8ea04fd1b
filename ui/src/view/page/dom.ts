/**
 * The few things the page needs of the DOM. Text only ever becomes text nodes: nothing here parses HTML. And it becomes
 * inert on the way: what programs, files and links say may stand in any of the page's places, and not disturb it.
 */

import { inert } from '../../logic/output/special.ts';

type Child = Node | string | false | undefined;
type Attributes = Record<string, string | number | boolean | undefined | ((event: never) => void)>;

/** `h('button', { class: 'x', onclick: f }, 'text')`. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else element.setAttribute(name, value === true ? '' : inert(String(value)));
  }
  put(element, ...children);
  return element;
}

/** Adds nodes and texts to an element. */
export function put(element: Element, ...children: Child[]): void {
  for (const child of children) {
    if (typeof child === 'string') element.append(inert(child));
    else if (child) element.append(child);
  }
}

/** An option of a select, whose value may be anything and whose words are safe. */
export function option(words: string, value: string): HTMLOptionElement {
  return new Option(inert(words), value);
}

const SVG = 'http://www.w3.org/2000/svg';

/** An icon of the sprite in index.html. */
export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  svg.append(use);
  return svg;
}

/** An element of index.html; it is a mistake of ours when it is not there. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return element as T;
}

/** Says a sentence to screen readers, also when it is the same as the last one. */
export function say(words: string): void {
  const live = byId('say');
  const sentence = inert(words);
  live.textContent = live.textContent === sentence ? `${sentence}\u00a0` : sentence;
}

const isMac = /Mac|iP(hone|ad|od)/.test(navigator.platform);

/** The key that is held for shortcuts, as this system calls it. */
export const modKey = isMac ? '⌘' : 'Ctrl';

export function hasMod(event: KeyboardEvent): boolean {
  return (isMac ? event.metaKey : event.ctrlKey) && !event.altKey;
}

/** Storage that may be forbidden, full or absent: then nothing is remembered, and nothing breaks. */
export const memory = {
  read(key: string): string | null {
    try {
      return localStorage.getItem(`sce.${key}`);
    } catch {
      return null;
    }
  },
  write(key: string, value: string | null): void {
    try {
      if (value === null) localStorage.removeItem(`sce.${key}`);
      else localStorage.setItem(`sce.${key}`, value);
    } catch {
      // Not remembered.
    }
  },
};
