/**
 * Characters that are not shown as themselves: controls, marks that turn or hide text, fillers without a width, and marks
 * that pile up over other lines. Each gets a visible name, wherever the page shows a text that it has not written itself.
 */

/** The most marks on one letter; no script has more. */
export const MAX_MARKS = 6;
/** This many marks in a row are a pile. */
export const PILE = 8;

/** Everything that is not shown as itself. A line feed and a tab are; so are marks on a letter, until they pile up. */
export const SPECIAL =
  /\p{M}{8,}|[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{1d173}-\u{1d17a}]|[\u{e0000}-\u{e0fff}]/gu;

/** The control characters below the blank, by their names in ASCII. */
const C0 =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  );

const NAMES: Record<string, [short: string, long: string]> = {
  '\x7f': ['DEL', 'delete'],
  '\u00ad': ['SHY', 'soft hyphen'],
  '\u034f': ['CGJ', 'combining grapheme joiner'],
  '\u061c': ['ALM', 'Arabic letter mark'],
  '\u115f': ['HCF', 'Hangul filler'],
  '\u1160': ['HJF', 'Hangul filler'],
  '\u180e': ['MVS', 'Mongolian vowel separator'],
  '\u200b': ['ZWSP', 'zero width space'],
  '\u200e': ['LRM', 'left-to-right mark'],
  '\u200f': ['RLM', 'right-to-left mark'],
  '\u2028': ['LS', 'line separator'],
  '\u2029': ['PS', 'paragraph separator'],
  '\u202a': ['LRE', 'left-to-right embedding'],
  '\u202b': ['RLE', 'right-to-left embedding'],
  '\u202c': ['PDF', 'pop directional formatting'],
  '\u202d': ['LRO', 'left-to-right override'],
  '\u202e': ['RLO', 'right-to-left override'],
  '\u2060': ['WJ', 'word joiner'],
  '\u2066': ['LRI', 'left-to-right isolate'],
  '\u2067': ['RLI', 'right-to-left isolate'],
  '\u2068': ['FSI', 'first strong isolate'],
  '\u2069': ['PDI', 'pop directional isolate'],
  '\u3164': ['HF', 'Hangul filler'],
  '\uffa0': ['HHF', 'Hangul filler'],
  '\ufeff': ['BOM', 'byte order mark'],
};

/**
 * A word or a sentence with something in it that a program, a file or a link said, safe to stand in the page's own places:
 * colours are dropped, everything special has its name.
 */
export function inert(text: string): string {
  if (text.search(SPECIAL) < 0) return text;
  return visible(text.replace(/\x1b\[[\d;:]*m/g, ''));
}

/** The text with everything special in its visible form. */
export function visible(text: string): string {
  return text.replace(SPECIAL, shortName);
}

/** Marks stand on each other, and over the lines above: no script has more than a few on one letter. */
export function pile(match: string): { kept: string; note: string } | undefined {
  const marks = [...match];
  if (marks.length === 1) return undefined;
  return { kept: marks.slice(0, MAX_MARKS).join(''), note: `‹${marks.length - MAX_MARKS} more marks›` };
}

function shortName(char: string): string {
  const piled = pile(char);
  if (piled) return piled.kept + piled.note;
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20) return `‹${C0[code] ?? ''}›`;
  return `‹${NAMES[char]?.[0] ?? unicodeName(code)}›`;
}

export function longName(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return NAMES[char]?.[1] ?? (code < 0xa0 ? `control character ${unicodeName(code)}` : unicodeName(code));
}

function unicodeName(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
