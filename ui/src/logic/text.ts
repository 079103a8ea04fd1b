/** Counting text the way the server counts it. */

const encoder = new TextEncoder();

/** Unicode scalar values: a surrogate pair is one character. */
export function countChars(text: string): number {
  let n = text.length;
  for (let i = 0; i < text.length; i++) {
    if (isPairAt(text, i)) {
      n--;
      i++;
    }
  }
  return n;
}

/** The index in UTF-16 units after the first `chars` scalar values. */
export function indexOfChar(text: string, chars: number): number {
  let i = 0;
  for (let seen = 0; seen < chars && i < text.length; seen++) i += isPairAt(text, i) ? 2 : 1;
  return i;
}

export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** The first line with something on it, cut to `max`. */
export function firstLine(text: string, max = 80): string {
  const line = text.split('\n').find((l) => l.trim() !== '') ?? '';
  const tidy = line.trim();
  return tidy.length > max ? `${tidy.slice(0, max - 1)}…` : tidy;
}

/** The last line with something on it, cut to `max`. */
export function lastLine(text: string, max = 200): string {
  const line = text.split('\n').findLast((l) => l.trim() !== '') ?? '';
  const tidy = line.trim();
  return tidy.length > max ? `${tidy.slice(0, max - 1)}…` : tidy;
}

function isPairAt(text: string, i: number): boolean {
  const unit = text.charCodeAt(i);
  if (unit < 0xd800 || unit > 0xdbff) return false;
  const next = text.charCodeAt(i + 1);
  return next >= 0xdc00 && next <= 0xdfff;
}
