/** Tables in text. */

/** Rows of values that are separated (RFC 4180). */
export function readRows(text: string, separator: string, most: number): string[][] {
  const rows: string[][] = [];
  let [row, value, quoted]: [string[], string, boolean] = [[], '', false];
  const end = () => {
    row.push(value);
    value = '';
  };
  for (let i = 0; i < text.length && rows.length < most; i++) {
    const c = text.charAt(i);
    if (quoted) {
      if (c !== '"') value += c;
      else if (text.charAt(i + 1) === '"') value += text.charAt(i++);
      else quoted = false;
    } else if (c === '"' && value === '') quoted = true;
    else if (c === separator) end();
    else if (c === '\n') {
      end();
      rows.push(row);
      row = [];
    } else if (c !== '\r') value += c;
  }
  if (rows.length < most && (value !== '' || row.length > 0)) rows.push([...row, value]);
  return rows;
}
