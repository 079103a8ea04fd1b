/**
 * A link that carries a whole workspace in its fragment, which browsers send to nobody: `#/code/<base64url of deflated
 * JSON>`. Whoever opens it gets what is in it into the editor; nothing is run by itself.
 */

import type { Limits, NamedFile, TestCases } from '../contract.ts';
import { SHARED } from './base.ts';
import { fromBase64, toBase64 } from './bytes.ts';
import { readLimits, readTests } from './kept.ts';

export interface Shared {
  language: string;
  code: string;
  stdin: string;
  /** The line as it is typed. */
  args: string;
  files: NamedFile[];
  /** The file that is started instead of the editor's text, if one is. */
  entry: string;
  tests?: TestCases;
  /** Who opens the link may not change the tests. */
  testsFixed?: boolean;
  limits?: Partial<Limits>;
}

/** A longer link is cut by mail programs and chats. */
export const MAX_LINK = 32 * 1024;
/** What a link may unpack to. */
const MAX_UNPACKED = 4 * 1024 * 1024;

export async function toFragment(shared: Shared): Promise<string> {
  const { files, ...rest } = shared;
  const packed = { v: 1, ...rest, files: files.map(({ name, bytes }) => [name, toBase64(bytes)]) };
  const bytes = await through(
    new TextEncoder().encode(JSON.stringify(packed)),
    new CompressionStream('deflate-raw'),
  );
  return SHARED + toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** What a fragment carries; `undefined` when it is broken. */
export async function fromFragment(hash: string): Promise<Shared | undefined> {
  try {
    const packed = fromBase64(hash.slice(SHARED.length).replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = await through(packed, new DecompressionStream('deflate-raw'), MAX_UNPACKED);
    return read(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    return undefined;
  }
}

function read(json: Record<string, unknown>): Shared | undefined {
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  if (json.v !== 1 || typeof json.language !== 'string' || typeof json.code !== 'string') return undefined;
  const files = (Array.isArray(json.files) ? json.files : []).map(([name, content]) => ({
    name: text(name),
    bytes: fromBase64(text(content)),
  }));
  const tests = readTests(json.tests);
  const limits = readLimits(json.limits);
  return {
    language: json.language,
    code: json.code,
    stdin: text(json.stdin),
    args: text(json.args),
    files,
    entry: text(json.entry),
    ...(tests ? { tests } : {}),
    ...(json.testsFixed === true ? { testsFixed: true } : {}),
    ...(limits ? { limits } : {}),
  };
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: GenericTransformStream,
  most = Number.POSITIVE_INFINITY,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = (new Blob([bytes]).stream() as ReadableStream<Uint8Array<ArrayBuffer>>)
    .pipeThrough<Uint8Array<ArrayBuffer>>(stream as ReadableWritablePair)
    .getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > most) {
      await reader.cancel();
      throw new Error('too large');
    }
    parts.push(part.value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
