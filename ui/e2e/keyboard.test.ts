/** Five tasks by the keyboard alone, and what a screen reader finds when each is done. */

import assert from 'node:assert/strict';
import { house, test } from './house.ts';
import { soon } from './soon.ts';

const home = house('keyboard', { SCE_TIMEOUT_SECONDS: '600' });

/** What is said by itself, and the tree of the result. */
async function heard(
  visitor: Awaited<ReturnType<typeof home.visit>>,
): Promise<{ said: string; tree: string }> {
  return {
    said: (await visitor.page.locator('#say').textContent()) ?? '',
    tree: await visitor.page.locator('#result').ariaSnapshot(),
  };
}

test('a program is written and run, and its output is heard', async () => {
  const visitor = await home.visit();
  const { keyboard } = visitor.page;
  await keyboard.press('F6');
  await keyboard.press('Shift+F6');
  await keyboard.press('ControlOrMeta+a');
  await keyboard.type('print("done")');
  await keyboard.press('ControlOrMeta+Enter');
  await visitor.ended('Finished');
  const { said, tree } = await heard(visitor);
  assert.equal(said, 'Finished. Output: done.');
  assert.match(tree, /- heading "Finished" \[level=2\]/);
  assert.match(tree, /- log "Output":\n\s+- group "Output, standard output": done/);
});

test('a program that asks is answered', async () => {
  const visitor = await home.visit();
  const { keyboard } = visitor.page;
  await visitor.type('print("Hello", input("Name? "))');
  await keyboard.press('ControlOrMeta+Enter');
  await visitor.page.waitForFunction(() => document.activeElement?.id === 'typed');
  await visitor.told('Name?');
  await soon.match(async () => (await heard(visitor)).tree, /- textbox "To the program"( \[active\])?/);
  await keyboard.type('Ada');
  await keyboard.press('Enter');
  await visitor.ended('Finished');
  await soon.match(async () => (await heard(visitor)).tree, /- group "You typed": Ada/);
});

test('the reason of a failure is heard, and its line is gone to', async () => {
  const visitor = await home.visit();
  const { keyboard } = visitor.page;
  await visitor.type('x = 1\ny = x / 0\nprint(y)');
  await keyboard.press('ControlOrMeta+Enter');
  await visitor.ended('Ended with exit code 1');
  const { said, tree } = await heard(visitor);
  assert.match(
    said,
    /^Ended with exit code 1\. Line 2: ZeroDivisionError: division by zero\. \d+ bytes of errors\.$/,
  );
  assert.match(tree, /- button "main\.py, line 2"/);
  assert.match(tree, /ZeroDivisionError: division by zero/);
  await keyboard.press('ControlOrMeta+Home');
  await keyboard.press('F8');
  await soon.match(async () => (await heard(visitor)).said, /^Line 2: ZeroDivisionError/);
  await keyboard.press('Home');
  await keyboard.type('# ');
  await soon.match(() => visitor.code(), /^x = 1\n# y = x/);
});

test('an example is taken, and what it replaced is had back', async () => {
  const visitor = await home.visit();
  const { keyboard } = visitor.page;
  await visitor.type('mine = 1');
  await keyboard.press('Escape');
  await keyboard.press('Tab');
  await visitor.page.locator('#examples').focus();
  await keyboard.press('Enter');
  await visitor.page.getByRole('menuitem').first().waitFor();
  await keyboard.press('c');
  await keyboard.press('Enter');
  await visitor.told('The example Colours is in the place of what was there.');
  await soon.match(async () => (await heard(visitor)).said, /Undo is at hand: Ctrl\+Z, or F6\.$/);
  await keyboard.press('F6');
  await keyboard.press('Enter');
  await visitor.told('Everything is back.');
  await soon.equal(() => visitor.code(), 'mine = 1');
});

test('an earlier run is found and brought back', async () => {
  const visitor = await home.visit();
  const { keyboard } = visitor.page;
  await visitor.runs('print("first")', 'Finished');
  await visitor.runs('raise SystemExit(4)', 'Ended with exit code 4');
  await visitor.page.locator('#runs-button').focus();
  await keyboard.press('Enter');
  const drawer = visitor.page.getByRole('dialog', { name: 'Runs' });
  await drawer.waitFor();
  const list = await drawer.ariaSnapshot();
  assert.match(list, /button "Exit 4 just now raise SystemExit\(4\) python/);
  assert.match(
    list,
    /button "Finished just now print\("first"\) python|button "Finished just now print\(\\"first\\"\) python/,
  );
  for (let presses = 0; presses < 12; presses++) {
    await keyboard.press('Tab');
    const at = await visitor.page.evaluate(() => document.activeElement?.textContent ?? '');
    if (at.includes('first')) break;
  }
  await keyboard.press('Enter');
  await visitor.ended('Finished');
  await soon.equal(() => visitor.code(), 'print("first")');
  await soon.match(async () => (await heard(visitor)).tree, /- group "Output, standard output": first/);
});
