/** Arguments as people type them: split at blanks, with quotes and backslashes as a POSIX shell reads them. */

export type Words = { words: string[] } | { error: string };

export function splitWords(line: string): Words {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const c = line.charAt(i);
    if (quote === "'") {
      if (c === "'") quote = '';
      else word += c;
    } else if (quote === '"') {
      const next = line.charAt(i + 1);
      if (c === '"') quote = '';
      else if (c === '\\' && next !== '' && '"\\$`'.includes(next)) word += line.charAt(++i);
      else word += c;
    } else if (c === "'" || c === '"') {
      quote = c;
      word ??= '';
    } else if (c === '\\') {
      if (i + 1 === line.length) return { error: 'A backslash at the end quotes nothing.' };
      word = (word ?? '') + line.charAt(++i);
    } else if (/\s/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + c;
    }
  }
  if (quote !== '') return { error: `A quote (${quote}) is not closed.` };
  if (word !== undefined) words.push(word);
  return { words };
}

/** One word for a POSIX shell, exactly as it is. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The line that `splitWords` reads back as these words. */
export function joinWords(words: string[]): string {
  return words.map(quoteWord).join(' ');
}
