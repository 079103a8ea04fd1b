/** Colours and type styles of a terminal (SGR, ECMA-48 8.3.117): the only control sequences that are carried out. */

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

export function sameStyle(a: Style, b: Style): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** The style after a sequence with these parameters. */
export function applySgr(before: Style, parameters: string): Style {
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
