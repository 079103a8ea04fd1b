/** From what the person asked to what goes over the wire, and to the curl command that does the same. */

import type { NamedFile, RunRequest } from '../contract.ts';
import { quoteWord } from './words.ts';

export type Wire =
  | { kind: 'json'; body: string }
  | { kind: 'form'; file: NamedFile; fields: [name: string, value: string][] };

export function toWire(request: RunRequest): Wire {
  const { language, stdin, args, program } = request;
  if (program.kind === 'zip') {
    const fields: [string, string][] = [['language', language]];
    if (program.entrypoint) fields.push(['entrypoint', program.entrypoint]);
    if (stdin) fields.push(['stdin', stdin]);
    // As one JSON array: a lone argument that begins like one would be read as one.
    if (args.length > 0) fields.push(['args', JSON.stringify(args)]);
    return { kind: 'form', file: { name: program.name, bytes: program.bytes }, fields };
  }
  const body: Record<string, unknown> = { language };
  if (program.kind === 'code' || program.code !== undefined) body.code = program.code;
  if (program.kind === 'files') {
    body.files = program.files.map(encodeFile);
    if (program.entrypoint) body.entrypoint = program.entrypoint;
  }
  if (stdin) body.stdin = stdin;
  if (args.length > 0) body.args = args;
  return { kind: 'json', body: JSON.stringify(body) };
}

/** Text goes as text, so that the command and the request stay readable; anything else as base64. */
function encodeFile({ name, bytes }: NamedFile): { name: string; content: string; encoding: string } {
  const content = asText(bytes);
  return content === undefined
    ? { name, content: toBase64(bytes), encoding: 'base64' }
    : { name, content, encoding: 'utf8' };
}

/** The text that these bytes are, if they are. A byte order mark stays: what is sent is what was dropped. */
export function asText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  // In pieces: the argument list of one call is bounded.
  for (let i = 0; i < bytes.length; i += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return btoa(binary);
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** A command for a POSIX shell that makes the same call. A zip is named, not carried: it must lie beside. */
export function toCurl(url: string, request: RunRequest): string {
  const wire = toWire(request);
  if (wire.kind === 'json') {
    const header = "-H 'Content-Type: application/json'";
    return `curl -sS ${quoteWord(url)} ${header} --data-raw ${quoteWord(wire.body)}`;
  }
  const file = `-F ${quoteWord(`file=@${quoteFormName(wire.file.name)}`)}`;
  // --form-string: a value that begins with @ or < is no file name.
  const fields = wire.fields.map(([name, value]) => `--form-string ${quoteWord(`${name}=${value}`)}`);
  return ['curl -sS', quoteWord(url), file, ...fields].join(' ');
}

/** curl reads `;` and `,` in a file name as its own; within double quotes it does not. */
function quoteFormName(name: string): string {
  if (!/[;,"\\]/.test(name)) return name;
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
