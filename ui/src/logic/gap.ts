/** Where in a cut stream the missing middle was: three quarters of what is kept are its beginning. */

export function gapAt(text: string, keptBytes: number | undefined): number | undefined {
  if (keptBytes === undefined) return undefined;
  const head = keptBytes - Math.floor(keptBytes / 4);
  const bytes = new TextEncoder().encode(text);
  // The server cuts at whole characters, so up to three bytes may be missing on either side.
  if (bytes.length <= head || bytes.length < keptBytes - 6) return undefined;
  let end = head;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, end)).length;
}
