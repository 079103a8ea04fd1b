/** Tells whether two requests would run the same: a number that differs where they do. Not for secrets. */

import type { RunRequest } from '../contract.ts';

/** Of everything that can change what comes of a run. */
export function fingerprint(request: RunRequest): string {
  const { program, ...rest } = request;
  const files =
    program.kind === 'zip'
      ? [[program.name, hashBytes(program.bytes)]]
      : program.kind === 'files'
        ? program.files.map(({ name, bytes }) => [name, hashBytes(bytes)])
        : [];
  const code = program.kind === 'zip' ? undefined : program.code;
  const entry = program.kind === 'code' ? undefined : program.entrypoint;
  return hash(
    JSON.stringify([rest.language, rest.stdin, rest.args, rest.limits, rest.tests, code, entry, files]),
  );
}

function hash(text: string): string {
  return hashBytes(new TextEncoder().encode(text));
}

/** 64 bits of FNV-1a, as two halves of different seeds. */
function hashBytes(bytes: Uint8Array): string {
  let [a, b] = [0x811c9dc5, 0xdeadbeef];
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x5bd1e995);
    b ^= b >>> 15;
  }
  return `${(a >>> 0).toString(36)}.${(b >>> 0).toString(36)}.${bytes.length}`;
}
