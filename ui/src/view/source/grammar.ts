/** How each language is coloured and indented; each grammar is fetched when its language is first chosen. */

import { indentUnit, StreamLanguage, type StreamParser } from '@codemirror/language';
import type { Extension } from '@codemirror/state';

type Fetch = () => Promise<Extension>;

const mode = async <T>(coming: Promise<T>, pick: (module: T) => StreamParser<unknown>): Promise<Extension> =>
  StreamLanguage.define(pick(await coming));
const clike =
  (pick: (module: typeof import('@codemirror/legacy-modes/mode/clike')) => StreamParser<unknown>) => () =>
    mode(import('@codemirror/legacy-modes/mode/clike'), pick);

const GRAMMARS: Record<string, Fetch> = {
  python: async () => (await import('@codemirror/lang-python')).python(),
  javascript: async () => (await import('@codemirror/lang-javascript')).javascript(),
  typescript: async () => (await import('@codemirror/lang-javascript')).javascript({ typescript: true }),
  bash: () => mode(import('@codemirror/legacy-modes/mode/shell'), (m) => m.shell),
  lua: () => mode(import('@codemirror/legacy-modes/mode/lua'), (m) => m.lua),
  perl: () => mode(import('@codemirror/legacy-modes/mode/perl'), (m) => m.perl),
  ruby: () => mode(import('@codemirror/legacy-modes/mode/ruby'), (m) => m.ruby),
  sql: () => mode(import('@codemirror/legacy-modes/mode/sql'), (m) => m.sqlite),
  tcl: () => mode(import('@codemirror/legacy-modes/mode/tcl'), (m) => m.tcl),
  r: () => mode(import('@codemirror/legacy-modes/mode/r'), (m) => m.r),
  go: () => mode(import('@codemirror/legacy-modes/mode/go'), (m) => m.go),
  rust: () => mode(import('@codemirror/legacy-modes/mode/rust'), (m) => m.rust),
  haskell: () => mode(import('@codemirror/legacy-modes/mode/haskell'), (m) => m.haskell),
  julia: () => mode(import('@codemirror/legacy-modes/mode/julia'), (m) => m.julia),
  ocaml: () => mode(import('@codemirror/legacy-modes/mode/mllike'), (m) => m.oCaml),
  fortran: () => mode(import('@codemirror/legacy-modes/mode/fortran'), (m) => m.fortran),
  pascal: () => mode(import('@codemirror/legacy-modes/mode/pascal'), (m) => m.pascal),
  d: () => mode(import('@codemirror/legacy-modes/mode/d'), (m) => m.d),
  lisp: () => mode(import('@codemirror/legacy-modes/mode/commonlisp'), (m) => m.commonLisp),
  scheme: () => mode(import('@codemirror/legacy-modes/mode/scheme'), (m) => m.scheme),
  erlang: () => mode(import('@codemirror/legacy-modes/mode/erlang'), (m) => m.erlang),
  c: clike((m) => m.c),
  cpp: clike((m) => m.cpp),
  java: clike((m) => m.java),
  csharp: clike((m) => m.csharp),
  kotlin: clike((m) => m.kotlin),
  scala: clike((m) => m.scala),
  php: clike((m) => m.java),
};

/** Four blanks where that is the custom, else two. */
const WIDE = ['python', 'rust', 'java', 'csharp', 'c', 'cpp', 'php'];

export function indentation(language: string): Extension {
  if (language === 'go') return indentUnit.of('\t');
  return indentUnit.of(WIDE.includes(language) ? '    ' : '  ');
}

/** The grammar of a language; nothing where there is none, or where it cannot be had. */
export async function grammar(language: string): Promise<Extension> {
  try {
    return (await GRAMMARS[language]?.()) ?? [];
  } catch {
    return [];
  }
}
