/** The languages there are to choose from, and what stands in for them until the server has said. */

import type { Language, Limits, Offer } from '../contract.ts';
import { asObject, type Json, known, number, text, texts } from './json.ts';

export const DEFAULT_LIMITS: Limits = { timeout_seconds: 10, memory_mb: 128, output_bytes: 65536 };

const python: Language = {
  name: 'python',
  title: 'Python',
  aliases: ['py', 'python3'],
  version: '',
  available: true,
  compiled: false,
  entryPoints: ['main.py', 'app.py', '__main__.py'],
  extensions: ['py'],
  example: '',
};

const javascript: Language = {
  name: 'javascript',
  title: 'JavaScript',
  aliases: ['js', 'node'],
  version: '',
  available: true,
  compiled: false,
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

/** What there is to run before the server has said what it offers, or when it does not answer. */
export const FALLBACK: Record<string, string> = {
  python: 'for word in ["Hello", "from", "the", "sandbox"]:\n    print(word)\n',
  javascript: 'for (const word of ["Hello", "from", "the", "sandbox"]) {\n  console.log(word);\n}\n',
};

export function decodeOffer(json: unknown): Offer | undefined {
  const list = Array.isArray(json) ? json : asObject(json).languages;
  if (!Array.isArray(list)) return undefined;
  const languages = list.map((entry) => decodeLanguage(asObject(entry))).filter((l) => l.name !== '');
  if (languages.length === 0) return undefined;
  const limits = asObject(json).limits ?? asObject(list[0]).limits;
  return { languages, limits: decodeLimits(limits) ?? DEFAULT_LIMITS };
}

function decodeLanguage(json: Json): Language {
  const name = text(json.name) ?? text(json.language) ?? '';
  return {
    name,
    title: text(json.title) ?? name.charAt(0).toUpperCase() + name.slice(1),
    aliases: texts(json.aliases),
    version: text(json.version) ?? '',
    available: json.available !== false,
    compiled: json.compiled === true || asObject(json.compile).args !== undefined,
    entryPoints: texts(json.entry_points ?? json.entrypoints),
    extensions: texts(json.extensions),
    example: text(json.example) ?? text(asObject(json.example).code) ?? '',
    ...known({ limits: decodeLimits(json.limits) }),
  };
}

export function decodeLimits(value: unknown): Limits | undefined {
  const json = asObject(value);
  const { timeout_seconds, memory_mb, output_bytes } = json;
  if (typeof timeout_seconds !== 'number' || typeof memory_mb !== 'number') return undefined;
  return {
    timeout_seconds,
    memory_mb,
    output_bytes: number(output_bytes) ?? DEFAULT_LIMITS.output_bytes,
  };
}
