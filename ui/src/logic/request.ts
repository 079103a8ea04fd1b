/** From what the person asked to what goes over the wire, and to the curl command that does the same. */

import type { NamedFile, RunRequest } from '../contract.ts';
import { asText, toBase64 } from './bytes.ts';
import { toFields } from './cases.ts';
import { quoteWord } from './words.ts';

export type Wire =
  | { kind: 'json'; body: string }
  | { kind: 'form'; file: NamedFile; fields: [name: string, value: string][] };

export function toWire(request: RunRequest): Wire {
  const { language, args, program, tests } = request;
  // A test case brings its own input.
  const stdin = tests ? '' : request.stdin;
  const more: Record<string, unknown> = {
    ...(request.limits ? { limits: request.limits } : {}),
    ...(request.collect && !tests ? { workspace: 'writable', collect: ['*'] } : {}),
    ...(tests ? toFields(tests) : {}),
  };
  if (program.kind === 'zip') {
    const fields: [string, string][] = [['language', language]];
    if (program.entrypoint) fields.push(['entrypoint', program.entrypoint]);
    if (stdin) fields.push(['stdin', stdin]);
    // As one JSON array: a lone argument that begins like one would be read as one.
    if (args.length > 0 && !tests) fields.push(['args', JSON.stringify(args)]);
    for (const [name, value] of Object.entries(more)) {
      // A pattern is a field; anything else that is no text is one as JSON.
      const values = name === 'collect' ? (value as string[]) : [value];
      for (const one of values) fields.push([name, typeof one === 'string' ? one : JSON.stringify(one)]);
    }
    return { kind: 'form', file: { name: program.name, bytes: program.bytes }, fields };
  }
  const body: Record<string, unknown> = { language };
  if (program.kind === 'code' || program.code !== undefined) body.code = program.code;
  if (program.kind === 'files') {
    body.files = program.files.map(encodeFile);
    if (program.entrypoint) body.entrypoint = program.entrypoint;
  }
  if (stdin) body.stdin = stdin;
  if (args.length > 0 && !tests) body.args = args;
  return { kind: 'json', body: JSON.stringify({ ...body, ...more }) };
}

/** Text goes as text, so that the command and the request stay readable; anything else as base64. */
function encodeFile({ name, bytes }: NamedFile): { name: string; content: string; encoding: string } {
  const content = asText(bytes);
  return content === undefined
    ? { name, content: toBase64(bytes), encoding: 'base64' }
    : { name, content, encoding: 'utf8' };
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
