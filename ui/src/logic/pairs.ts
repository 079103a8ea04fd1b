/** Test cases from pairs of files. */

const INPUT = /^(?:(.*)\.in|(.*?)input(\d*)(\.txt)|(.*\/)?in(?:put)?\/([^/]+))$/i;

/** Names that go together: `1.in` with `1.out` or `1.ans`, `input1.txt` with `output1.txt`. */
export function pairs(names: string[]): { name: string; input: string; output: string }[] {
  const there = new Set(names);
  const found = names.flatMap((input) => {
    const match = INPUT.exec(input);
    if (!match) return [];
    const [, stem, before, number, ending, folder, inFolder] = match;
    const outputs =
      stem !== undefined
        ? [`${stem}.out`, `${stem}.ans`, `${stem}.expected`]
        : ending !== undefined
          ? [`${before}output${number}${ending}`, `${before}expected${number}${ending}`]
          : [`${folder ?? ''}out/${inFolder}`, `${folder ?? ''}output/${inFolder}`];
    const output = outputs.find((name) => there.has(name));
    const name = (stem ?? (ending ? number || '1' : inFolder) ?? input).split('/').at(-1) ?? input;
    return output === undefined ? [] : [{ name, input, output }];
  });
  const order = new Intl.Collator('en', { numeric: true });
  return found.sort((a, b) => order.compare(a.name, b.name));
}
