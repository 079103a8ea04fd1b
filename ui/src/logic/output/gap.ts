/** The two pieces of a stream whose middle was left out. */

/** What stands before the first `after` bytes end, and what stands after. Bytes that are not text become `�`. */
export function splitAtByte(bytes: Uint8Array, after: number): [before: string, rest: string] {
  const decode = (part: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(part);
  return [decode(bytes.subarray(0, after)), decode(bytes.subarray(after))];
}
