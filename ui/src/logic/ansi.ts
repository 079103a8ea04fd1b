/**
 * What a program wrote, made safe to show. Colours and type styles (SGR) are kept; every other escape sequence,
 * control character and invisible direction mark becomes something visible, so that no output can move, hide or
 * reorder what else is on the page, and none is silently dropped. The result is data: the view makes text nodes of it.
 */

export type Color = { index: number } | { rgb: [number, number, number] };

export interface Style {
  fg?: Color;
  bg?: Color;
  bold?: true;
  dim?: true;
  italic?: true;
  underline?: true;
  strike?: true;
  inverse?: true;
}

/** A stretch of text in one style, or something that has no looks of its own, by its visible name. */
export type Segment = { text: string; style: Style } | { control: string; name: string };

/** Past this many stretches the rest is shown plain: a page of confetti must not stop the browser. */
export const MAX_SEGMENTS = 20_000;

const MAX_MARKS = 6;
const ESCAPE = '\x1b';
const CSI = /\x1b\[([0-?]*)([ -/]*)([@-~])/y;
const OSC = /\x1b[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)/y;
/** Everything that is not shown as itself. A line feed and a tab are; so are marks on a letter, until they pile up. */
const SPECIAL =
  /\p{M}{8,}|[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/gu;

/** The control characters below the blank, by their names in ASCII. */
const C0 =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  );

const NAMES: Record<string, [short: string, long: string]> = {
  '\x7f': ['DEL', 'delete'],
  '\u00ad': ['SHY', 'soft hyphen'],
  '\u061c': ['ALM', 'Arabic letter mark'],
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
  '\ufeff': ['BOM', 'byte order mark'],
};

export function parseAnsi(text: string): Segment[] {
  const out: Segment[] = [];
  let style: Style = {};
  let plainFrom = 0;

  const flush = (end: number) => {
    if (end > plainFrom) push(out, { text: text.slice(plainFrom, end), style });
  };

  SPECIAL.lastIndex = 0;
  for (let match = SPECIAL.exec(text); match; match = SPECIAL.exec(text)) {
    if (out.length >= MAX_SEGMENTS) break;
    const piled = pile(match[0]);
    const at = match.index + (piled?.kept.length ?? 0);
    flush(at);
    let end = match.index + match[0].length;
    const sequence = match[0] === ESCAPE ? sequenceAt(text, at) : undefined;
    if (sequence) {
      end = at + sequence.length;
      const sgr = /^\x1b\[([\d;:]*)m$/.exec(sequence);
      if (sgr) style = applySgr(style, sgr[1] ?? '');
      else push(out, { control: visible(sequence), name: 'terminal control sequence' });
    } else if (match[0] === '\r') {
      // A carriage return alone would let a line overwrite itself: it is shown, and ends the line.
      if (text[end] !== '\n') {
        push(out, { control: '‹CR›', name: 'carriage return' });
        push(out, { text: '\n', style });
      }
    } else if (piled) {
      push(out, { control: piled.note, name: 'combining marks, piled up' });
    } else {
      push(out, { control: visible(match[0]), name: longName(match[0]) });
    }
    plainFrom = end;
    SPECIAL.lastIndex = end;
  }
  if (plainFrom < text.length) push(out, { text: visibleRest(text.slice(plainFrom)), style });
  return out;
}

/** The text with everything special in its visible form. */
function visible(text: string): string {
  return text.replace(SPECIAL, shortName);
}

/** The same for what is past the cap: only there can it have anything special. */
function visibleRest(text: string): string {
  return visible(text.replaceAll('\r\n', '\n'));
}

/** Marks stand on each other, and over the lines above: no script has more than a few on one letter. */
function pile(match: string): { kept: string; note: string } | undefined {
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

function longName(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return NAMES[char]?.[1] ?? (code < 0xa0 ? `control character ${unicodeName(code)}` : unicodeName(code));
}

function unicodeName(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

function sequenceAt(text: string, at: number): string | undefined {
  for (const pattern of [CSI, OSC]) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return match[0];
  }
  return undefined;
}

/** Adds a segment, or lengthens the last one when both are of a kind. */
function push(out: Segment[], segment: Segment): void {
  const last = out.at(-1);
  if (last && 'control' in last && 'control' in segment && last.name === segment.name) {
    last.control += segment.control;
  } else if (last && 'text' in last && 'text' in segment && sameStyle(last.style, segment.style)) {
    last.text += segment.text;
  } else {
    out.push(segment);
  }
}

function sameStyle(a: Style, b: Style): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function applySgr(before: Style, parameters: string): Style {
  let style: Style = { ...before };
  const groups = parameters === '' ? ['0'] : parameters.split(';');
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i] ?? '';
    const [code = 0, ...sub] = group.split(':').map((part) => (part === '' ? 0 : Number(part)));
    if (code === 38 || code === 48) {
      let color: Color | undefined;
      if (group.includes(':')) {
        // 38:2:<space>:r:g:b, or the common 38:2:r:g:b
        color = sub[0] === 2 ? rgb(sub.slice(-3)) : indexed(sub[1]);
      } else {
        const [mode, ...rest] = groups.slice(i + 1, i + 5).map(Number);
        color = mode === 2 ? rgb(rest) : mode === 5 ? indexed(rest[0]) : undefined;
        i += mode === 2 ? 4 : mode === 5 ? 2 : 0;
      }
      if (color) style[code === 38 ? 'fg' : 'bg'] = color;
    } else if (code === 0) {
      style = {};
    } else {
      applySimple(style, code, sub[0]);
    }
  }
  return style;
}

function applySimple(style: Style, code: number, sub: number | undefined): void {
  if (code === 1) style.bold = true;
  else if (code === 2) style.dim = true;
  else if (code === 3) style.italic = true;
  else if (code === 4 && sub === 0) delete style.underline;
  else if (code === 4 || code === 21) style.underline = true;
  else if (code === 7) style.inverse = true;
  else if (code === 9) style.strike = true;
  else if (code === 22) {
    delete style.bold;
    delete style.dim;
  } else if (code === 23) delete style.italic;
  else if (code === 24) delete style.underline;
  else if (code === 27) delete style.inverse;
  else if (code === 29) delete style.strike;
  else if (code >= 30 && code <= 37) style.fg = { index: code - 30 };
  else if (code === 39) delete style.fg;
  else if (code >= 40 && code <= 47) style.bg = { index: code - 40 };
  else if (code === 49) delete style.bg;
  else if (code >= 90 && code <= 97) style.fg = { index: code - 90 + 8 };
  else if (code >= 100 && code <= 107) style.bg = { index: code - 100 + 8 };
  // Blinking (5, 6) and hiding (8) are not for us: what was written stays readable.
}

function indexed(index: number | undefined): Color | undefined {
  return index !== undefined && index >= 0 && index <= 255 ? { index } : undefined;
}

function rgb(parts: number[]): Color | undefined {
  const [r = -1, g = -1, b = -1] = parts;
  const ok = [r, g, b].every((part) => part >= 0 && part <= 255);
  return ok ? { rgb: [r, g, b] } : undefined;
}
