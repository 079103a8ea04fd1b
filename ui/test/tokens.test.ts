import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { contrast, type Rgb } from '../src/logic/output/color.ts';

const sheet = readFileSync('src/css/tokens.css', 'utf8');

/** A colour of the sheet, in light and in dark. */
function colour(name: string): [light: Rgb, dark: Rgb] {
  const [, light, dark] = new RegExp(`--${name}: light-dark\\(#(\\w{6}), #(\\w{6})\\)`).exec(sheet) ?? [];
  assert.ok(light && dark, name);
  const rgb = (hex: string): Rgb => {
    const n = Number.parseInt(hex, 16);
    return [n >> 16, (n >> 8) & 255, n & 255];
  };
  return [rgb(light), rgb(dark)];
}

test('code can be read on every ground that the editor gives it', () => {
  const inks = [
    'text',
    'code-keyword',
    'code-string',
    'code-number',
    'code-comment',
    'code-function',
    'code-type',
  ];
  const grounds = ['pane', 'code-active', 'code-selection', 'code-match', 'code-found'];
  const faint = inks.flatMap((ink) =>
    grounds.flatMap((ground) =>
      (['light', 'dark'] as const).flatMap((theme, n) => {
        const ratio = contrast(colour(ink)[n] as Rgb, colour(ground)[n] as Rgb);
        return ratio >= 4.5 ? [] : [`${ink} on ${ground}, ${theme}: ${ratio.toFixed(2)}`];
      }),
    ),
  );
  assert.deepEqual(faint, []);
});
