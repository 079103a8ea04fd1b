import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contrast, DARK, LIGHT, type Rgb, readable, resolve } from '../src/logic/output/color.ts';
import { inert, SPECIAL } from '../src/logic/output/special.ts';
import {
  type Line,
  MAX_SEGMENTS,
  type Options,
  readLines,
  type Segment,
  Terminal,
} from '../src/logic/output/terminal.ts';

const words = (segment: Segment) =>
  'text' in segment ? segment.text : 'control' in segment ? segment.control : '';

function textOf(lines: Line[]): string {
  return lines.map(({ segments, ended }) => segments.map(words).join('') + (ended ? '\n' : '')).join('');
}

/** What a person reads, styles aside. */
function shown(text: string, options?: Options): string {
  return textOf(readLines(text, options));
}

/** The same when it comes in pieces of so many characters. */
function inPieces(text: string, size: number): string {
  const terminal = new Terminal();
  const chars = [...text];
  for (let at = 0; at < chars.length; at += size) terminal.write(chars.slice(at, at + size).join(''));
  terminal.end();
  const lines = terminal.take();
  return textOf(terminal.open ? [...lines, terminal.open] : lines);
}

function styles(text: string): Segment[] {
  return readLines(text).flatMap(({ segments }) => segments);
}

test('plain text, also with markup in it, stays as it is', () => {
  const text = '<script>alert(1)</script>\n\ttab & "quotes" ünïcode 日本 👩‍👩‍👧';
  assert.equal(shown(text), text);
  assert.deepEqual(
    styles(text).map((one) => 'style' in one && one.style),
    [{}, {}],
  );
  assert.deepEqual(readLines(''), []);
});

test('colours and type styles apply until they are reset', () => {
  assert.deepEqual(styles('\x1b[1;31mred\x1b[0m plain \x1b[38;5;208mx\x1b[39my'), [
    { text: 'red', style: { bold: true, fg: { index: 1 } } },
    { text: ' plain ', style: {} },
    { text: 'x', style: { fg: { index: 208 } } },
    { text: 'y', style: {} },
  ]);
  const underlined = { text: 'a', style: { underline: true, bg: { rgb: [1, 2, 3] } } };
  assert.deepEqual(styles('\x1b[4m\x1b[48;2;1;2;3ma'), [underlined]);
  assert.deepEqual(styles('\x1b[4:3;48:2::1:2:3ma'), [underlined]);
  assert.deepEqual(styles('\x1b[3;9;7;2;97;100ma\x1b[23;29;27;22;39;49mb'), [
    {
      text: 'a',
      style: { italic: true, strike: true, inverse: true, dim: true, fg: { index: 15 }, bg: { index: 8 } },
    },
    { text: 'b', style: {} },
  ]);
  assert.deepEqual(styles('\x1b[mx'), [{ text: 'x', style: {} }]);
});

test('colours out of range change nothing', () => {
  for (const bad of ['38;5;256', '38;2;1;2', '38;2;1;2;999', '38', '999', '48:5']) {
    assert.deepEqual(styles(`\x1b[${bad}mx`), [{ text: 'x', style: {} }], bad);
  }
});

test('sequences that would move, clear or rename become visible', () => {
  assert.equal(shown('a\x1b[2Jb\x1b[10;10Hc'), 'a‹ESC›[2Jb‹ESC›[10;10Hc');
  assert.equal(shown('\x1b]0;title\x07x'), '‹ESC›]0;title‹BEL›x');
  assert.equal(
    shown('\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\'),
    '‹ESC›]8;;https://evil.example‹ESC›\\link‹ESC›]8;;‹ESC›\\',
  );
  assert.equal(shown('\x1b[?1049h\x1bc\x1b'), '‹ESC›[?1049h‹ESC›c‹ESC›');
  assert.equal(shown('\x00\x07\x7f\x9b31m'), '‹NUL›‹BEL›‹DEL›‹U+009B›31m');
});

test('a line may write over itself, and over no other; how often it did is told', () => {
  const bar = Array.from({ length: 21 }, (_, n) => `\r${String(n * 5).padStart(3)}%`).join('');
  assert.equal(shown(`before\n${bar}\nafter\n`), 'before\n100%\nafter\n');
  assert.equal(readLines(bar)[0]?.rewrites, 20);
  assert.equal(shown('safe\rEVIL\n'), 'EVIL\n');
  assert.equal(shown('longer\rab\n'), 'abnger\n');
  assert.equal(shown('longer\r\x1b[Kab\n'), 'ab\n');
  assert.equal(shown('ab\b\bx\x1b[2Ky\n'), ' y\n');
  assert.equal(shown('above\n\b\b\b\x1b[1K\x1b[2K\rx\n'), 'above\nx\n', 'nothing leaves its line');
  assert.equal(shown('a\r\nb\r\n'), 'a\nb\n');
  assert.equal(shown('e\u0301x\ry'), 'yx', 'a letter and its marks are one place');
  assert.equal(
    shown('x'.repeat(5000).concat('\rEVIL')).startsWith('xxxx'),
    true,
    'what is long is not held open',
  );
});

test('the raw view carries nothing out', () => {
  assert.equal(shown('\x1b[31ma\rb\b\r\n\x1b[K', { raw: true }), '‹ESC›[31ma‹CR›b‹BS›‹CR›\n‹ESC›[K');
});

test('text that comes in pieces reads as if it had come at once', () => {
  const text = `a\x1b[1;31mred\x1b[0m\r\nz\u0301!\x1b]0;title\x07\ud83d\ude00\rb\n\x1b[`;
  for (const size of [1, 2, 3, 7]) {
    assert.equal(inPieces(text, size), shown(text), `pieces of ${size}`);
    const piled = inPieces(`z${'\u0301'.repeat(80)}!`, size);
    assert.ok(piled.split('\u0301').length <= 9, 'marks do not pile up in pieces either');
  }
});

test('nothing special stands in a sentence of the page', () => {
  const all: string[] = [];
  for (let code = 0; code <= 0xe0fff; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const char = String.fromCodePoint(code);
    if (char.search(SPECIAL) >= 0) all.push(char);
  }
  assert.ok(all.length > 4000);
  for (const char of all)
    assert.match(inert(`a${char}b`), /^a‹[^‹›]+›b$/, `U+${char.codePointAt(0)?.toString(16)}`);
  for (const hidden of [
    '\u202e',
    '\u2066',
    '\u3164',
    '\u034f',
    '\u115f',
    '\u2060',
    '\u{e0041}',
    '\x9b',
    '\r',
  ])
    assert.ok(all.includes(hidden));
  assert.equal(inert('\x1b[31mboom\x1b[0m \u202eabc'), 'boom ‹RLO›abc');
  assert.equal(inert(`z${'\u0301'.repeat(80)}`), `z${'\u0301'.repeat(6)}‹74 more marks›`);
  assert.equal(inert('שלום 日本 👩‍👩‍👧'), 'שלום 日本 👩‍👩‍👧');
});

test('marks that turn the direction of text become visible, and real right-to-left text stays', () => {
  assert.equal(shown('abc\u202edef\u2066g\u2069\u200fh'), 'abc‹RLO›def‹LRI›g‹PDI›‹RLM›h');
  assert.equal(shown('\ufeffx\u200by\u2028z\u{e0041}'), '‹BOM›x‹ZWSP›y‹LS›z‹U+E0041›');
  assert.equal(shown('שלום عربى'), 'שלום عربى');
});

test('every special character says its name', () => {
  assert.deepEqual(styles('\u202e\u202e'), [{ control: '‹RLO›‹RLO›', name: 'right-to-left override' }]);
});

test('marks are not piled up over the lines around them', () => {
  assert.equal(shown(`z${'\u0301'.repeat(80)}!`), `z${'\u0301'.repeat(6)}‹74 more marks›!`);
  assert.equal(shown(`z${'\u0301'.repeat(7)}`), `z${'\u0301'.repeat(7)}`);
  for (const word of ['tiê\u0323\u0301ng', 'ש\u05c1\u05b0\u0591', 'ཧྐྵྨླྺྼྻྂ'.slice(0, 7)])
    assert.equal(shown(word), word);
});

test('a page of confetti is bounded, and nothing of it is lost', () => {
  const bomb = Array.from(
    { length: 30_000 },
    (_, n) => `\x1b[38;5;${n % 256}mx${n % 50 === 0 ? '\n' : ''}`,
  ).join('');
  const lines = readLines(`${bomb}\x1b[2J\x00end`);
  const segments = lines.flatMap((line) => line.segments);
  assert.ok(segments.length <= MAX_SEGMENTS + 1000);
  assert.equal(segments.filter((one) => 'note' in one).length, 1, 'it is said once that colours end');
  assert.equal(textOf(lines).replaceAll(/[x\n]/g, ''), '‹ESC›[2J‹NUL›end');
});

test('a long unfinished sequence is read in linear time', () => {
  const started = performance.now();
  shown('\x1b]'.repeat(60_000));
  shown(`\x1b[${'1;'.repeat(90_000)}`);
  shown('\x1b['.repeat(90_000));
  assert.ok(performance.now() - started < 10_000);
});

test('every colour can be read on every background, in both themes', () => {
  const parse = (css: string) => (css.match(/\d+/g) ?? []).map(Number) as Rgb;
  for (const palette of [LIGHT, DARK]) {
    for (let fg = 0; fg < 256; fg += 3) {
      for (const bg of [undefined, 0, 1, 7, 15, 21, 46, 226, 240]) {
        for (const extra of [
          {},
          { dim: true as const },
          { inverse: true as const },
          { bold: true as const },
        ]) {
          const style = { fg: { index: fg }, ...(bg === undefined ? {} : { bg: { index: bg } }), ...extra };
          const { color, background } = resolve(style, palette);
          const ground = background ? parse(background) : palette.background;
          assert.ok(contrast(parse(color ?? ''), ground) >= 4.5, JSON.stringify(style));
        }
      }
    }
    for (const grey of [0, 100, 118, 119, 120, 180, 255]) {
      const ground: Rgb = [grey, grey, grey];
      assert.ok(contrast(readable(ground, ground), ground) >= 4.5, String(grey));
    }
  }
});

test('text without a style has none', () => {
  assert.deepEqual(resolve({ bold: true, italic: true }, LIGHT), {});
});
