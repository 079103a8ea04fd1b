/** The languages there are to choose from, and what stands in for them until the server has said. */

import type { Language, Offer } from '../contract.ts';
import { DEFAULT_LIMITS } from './decode.ts';

const python: Language = {
  name: 'python',
  title: 'Python',
  aliases: ['py', 'python3'],
  version: '',
  entryPoints: ['main.py', 'app.py', '__main__.py'],
  extensions: ['py'],
  example: '',
};

const javascript: Language = {
  name: 'javascript',
  title: 'JavaScript',
  aliases: ['js', 'node'],
  version: '',
  entryPoints: ['main.js', 'index.js'],
  extensions: ['js', 'mjs', 'cjs'],
  example: '',
};

/** What is taken for granted without asking. Versions and examples are the server's to say. */
export const DEFAULT_OFFER: Offer = { limits: DEFAULT_LIMITS, languages: [python, javascript] };

/** The language to begin with. */
export const DEFAULT_LANGUAGE = python;

/** The language of this name, also when it is called by another of its names. */
export function findLanguage({ languages }: Offer, name: string): Language | undefined {
  return languages.find((language) => language.name === name || language.aliases.includes(name));
}
