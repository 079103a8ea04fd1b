/** Places in a program's own files that its output names (`main.py:3`, `File "main.py", line 3`), and frames that are not its own. */

export interface Place {
  file: string;
  line: number;
  column?: number;
}

/** A stretch of text, or a place that can be gone to. */
export type Piece = string | { shown: string; place: Place };

/** Splits a line where it names a place in one of these files. What leads to the sandbox's folder is left away there. */
export function placesIn(line: string, files: string[]): Piece[] {
  if (files.length === 0 || !/\d/.test(line)) return [line];
  const names = files.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const pattern = new RegExp(
    `(?<![\\w./-])(?:file://)?(?:/sandbox/|\\./)?(${names})(":?,? line |:|, line |\\()(\\d{1,6})(?::(\\d{1,5}))?`,
    'g',
  );
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of line.matchAll(pattern)) {
    const [whole, file = '', between = '', row = '', column] = match;
    if (match.index > from) pieces.push(line.slice(from, match.index));
    const place = { file, line: Number(row), ...(column === undefined ? {} : { column: Number(column) }) };
    const shown = `${file}${between}${row}${column === undefined ? '' : `:${column}`}`;
    pieces.push({ shown, place });
    from = match.index + whole.length;
  }
  if (from < line.length) pieces.push(line.slice(from));
  return pieces;
}

/** The frame of a stack trace that is the language's own: nothing there is the reader's to mend. */
export function isForeignFrame(line: string): boolean {
  return (
    /^\s+at .*(?:node:internal|\(node:|java\.base\/|jdk\.internal|sun\.reflect)/.test(line) ||
    /^\s+File "(?:\/usr\/|<frozen )/.test(line)
  );
}

/** A line that belongs to the frame before it: the source that Python quotes, and the mark below it. */
export function isQuoteOfFrame(line: string): boolean {
  return /^ {4}\s*\S/.test(line) && !/^\s+File "/.test(line) && !/^\s+at /.test(line);
}
