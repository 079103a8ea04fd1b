import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_SEGMENTS, parseAnsi, type Segment } from '../src/logic/ansi.ts';
import { contrast, DARK, LIGHT, type Rgb, readable, resolve } from '../src/logic/color.ts';

/** What a person reads, styles aside. */
function shown(text: string): string {
  return parseAnsi(text)
    .map((segment) => ('text' in segment ? segment.text : segment.control))
    .join('');
}

function styles(text: string): Segment[] {
  return parseAnsi(text);
}

test('plain text, also with markup in it, stays as it is', () => {
  const text = '<script>alert(1)</script>\n\ttab & "quotes" ünïcode 日本 👩‍👩‍👧';
  assert.deepEqual(parseAnsi(text), [{ text, style: {} }]);
  assert.deepEqual(parseAnsi(''), []);
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
  assert.equal(shown('\x00\x07\x08\x7f\x9b31m'), '‹NUL›‹BEL›‹BS›‹DEL›‹U+009B›31m');
});

test('a carriage return cannot overwrite a line', () => {
  assert.equal(shown('safe\rEVIL\n'), 'safe‹CR›\nEVIL\n');
  assert.equal(shown('a\r\nb\r\n'), 'a\nb\n');
});

test('marks that turn the direction of text become visible, and real right-to-left text stays', () => {
  assert.equal(shown('abc\u202edef\u2066g\u2069\u200fh'), 'abc‹RLO›def‹LRI›g‹PDI›‹RLM›h');
  assert.equal(shown('\ufeffx\u200by\u2028z\u{e0041}'), '‹BOM›x‹ZWSP›y‹LS›z‹U+E0041›');
  assert.equal(shown('שלום عربى'), 'שלום عربى');
});

test('every special character says its name', () => {
  assert.deepEqual(parseAnsi('\u202e\u202e'), [{ control: '‹RLO›‹RLO›', name: 'right-to-left override' }]);
});

test('marks are not piled up over the lines around them', () => {
  assert.equal(shown(`z${'\u0301'.repeat(80)}!`), `z${'\u0301'.repeat(6)}‹74 more marks›!`);
  assert.equal(shown(`z${'\u0301'.repeat(7)}`), `z${'\u0301'.repeat(7)}`);
  for (const word of ['tiê\u0323\u0301ng', 'ש\u05c1\u05b0\u0591', 'ཧྐྵྨླྺྼྻྂ'.slice(0, 7)])
    assert.equal(shown(word), word);
});

test('a page of confetti is bounded, and nothing of it is lost', () => {
  const bomb = Array.from({ length: 30_000 }, (_, n) => `\x1b[38;5;${n % 256}mx`).join('');
  const segments = parseAnsi(`${bomb}\x1b[2J\x00end`);
  assert.ok(segments.length <= MAX_SEGMENTS + 1);
  const text = segments.map((s) => ('text' in s ? s.text : s.control)).join('');
  assert.equal(text.replaceAll(/‹ESC›\[38;5;\d+m/g, '').replaceAll('x', ''), '‹ESC›[2J‹NUL›end');
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
