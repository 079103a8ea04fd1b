/** Terminal colours on the page's own background, always readable: WCAG contrast of 4.5 to 1 at least. */

import type { Color, Style } from './sgr.ts';

export type Rgb = [number, number, number];

export interface Palette {
  background: Rgb;
  foreground: Rgb;
  /** The 16 named colours. */
  named: Rgb[];
}

const MIN_CONTRAST = 4.6;

export const LIGHT: Palette = {
  background: [255, 255, 255],
  foreground: [28, 31, 35],
  named: hexes(
    '1c1f23 b3261e 1a7037 8a5a00 1f57c3 8b3aa8 0b6e7d 5f6670 5f6670 c4321f 14803c 996300 2a66dd a044c2 0a7f90 3d434b',
  ),
};

export const DARK: Palette = {
  background: [20, 23, 26],
  foreground: [228, 231, 235],
  named: hexes(
    '8b949e ff8078 5fd38d e6b450 82aaff d6a0f5 5ccfe0 d5d9de a5adb6 ffa198 84e3a8 f2cc77 a5c3ff e5bdff 8be3ef ffffff',
  ),
};

function hexes(list: string): Rgb[] {
  return list.split(' ').map((hex) => {
    const n = Number.parseInt(hex, 16);
    return [n >> 16, (n >> 8) & 255, n & 255];
  });
}

/** The colours to show a style in; what is absent is the page's own. */
export function resolve(style: Style, palette: Palette): { color?: string; background?: string } {
  if (!(style.fg || style.bg || style.dim || style.inverse)) return {};
  let fg = style.fg ? toRgb(style.fg, palette, style.bold) : palette.foreground;
  let bg = style.bg ? toRgb(style.bg, palette) : palette.background;
  if (style.inverse) [fg, bg] = [bg, fg];
  if (style.dim) fg = mix(fg, bg, 0.35);
  const painted = style.bg !== undefined || style.inverse;
  const color = css(readable(fg, bg));
  return painted ? { color, background: css(bg) } : { color };
}

function toRgb(color: Color, palette: Palette, bold?: boolean): Rgb {
  if ('rgb' in color) return color.rgb;
  const { index } = color;
  if (index < 16) return palette.named[bold && index < 8 ? index + 8 : index] ?? palette.foreground;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return [grey, grey, grey];
  }
  const level = (n: number) => (n === 0 ? 0 : 55 + n * 40);
  const cube = index - 16;
  return [level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)];
}

/** The colour, moved towards black or white until it can be read on `background`. */
export function readable(color: Rgb, background: Rgb): Rgb {
  if (contrast(color, background) >= MIN_CONTRAST) return color;
  const black: Rgb = [0, 0, 0];
  const white: Rgb = [255, 255, 255];
  const goal = contrast(white, background) > contrast(black, background) ? white : black;
  for (let part = 0.1; part < 1; part += 0.1) {
    const moved = mix(color, goal, part);
    if (contrast(moved, background) >= MIN_CONTRAST) return moved;
  }
  return goal;
}

export function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((part) => {
    const c = part / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function mix(a: Rgb, b: Rgb, part: number): Rgb {
  return a.map((value, i) => Math.round(value + ((b[i] ?? 0) - value) * part)) as Rgb;
}

function css(rgb: Rgb): string {
  return `rgb(${rgb.join(' ')})`;
}
