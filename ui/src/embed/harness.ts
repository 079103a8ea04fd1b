/** Code that stands unseen before and after what is shown, and lines of the whole as lines of what is shown. */

export interface Harness {
  before: string;
  after: string;
}

/** The program as it is run. */
export function whole(code: string, { before, after }: Harness): string {
  return [before, code, after].filter((part) => part !== '').join('\n');
}

/** The line of the shown code that this line of the whole is; `undefined` where it is of the harness. */
export function shownLine(line: number, code: string, { before }: Harness): number | undefined {
  const hidden = before === '' ? 0 : before.split('\n').length;
  const shown = line - hidden;
  return shown >= 1 && shown <= code.split('\n').length ? shown : undefined;
}

/** Text as authors write it in HTML: without the blank line that the markup brings, and without a common indent. */
export function dedent(text: string): string {
  const lines = text
    .replace(/^\s*\n/, '')
    .trimEnd()
    .split('\n');
  const filled = lines.filter((line) => line.trim() !== '');
  const indent = Math.min(...filled.map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(Number.isFinite(indent) ? indent : 0)).join('\n');
}
