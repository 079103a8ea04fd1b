/** Reaching everything: on narrow and middling screens, by the keyboard alone, and in the editor. */

import assert from 'node:assert/strict';
import { house, test } from './house.ts';

/** Programs may run as long as the tests look at them. */
const home = house('reach', { SCE_TIMEOUT_SECONDS: '600' });

test('on a screen 360 px wide everything is within reach', async () => {
  const visitor = await home.visit({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  await visitor.check('narrow-idle');
  await visitor.run();
  await visitor.ended('Finished');
  await visitor.page.locator('.stream pre').first().waitFor();
  const seen = await visitor.page.locator('#verdict').evaluate((box) => {
    const { top, bottom } = box.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });
  assert.ok(seen, 'the verdict scrolls into view');
  await visitor.check('narrow-finished');
  await visitor.page.getByRole('button', { name: 'Examples' }).click();
  await visitor.check('narrow-menu');
});

test('between narrow and wide, history goes below', async () => {
  const visitor = await home.visit({ viewport: { width: 1024, height: 768 }, colorScheme: 'dark' });
  await visitor.run();
  await visitor.ended('Finished');
  await visitor.check('medium');
});

test('the editor helps: numbers, brackets, undo, search, and marks what is too much', async () => {
  const visitor = await home.visit();
  const { keyboard } = visitor.page;
  await visitor.type('');
  await keyboard.type('print((1');
  assert.equal(await visitor.code(), 'print((1))', 'brackets close themselves');
  await keyboard.press('ArrowRight');
  const pair = visitor.page.locator('.cm-matchingBracket');
  assert.deepEqual(await pair.allTextContents(), ['(', ')']);
  await keyboard.press('End');
  await keyboard.press('Enter');
  await keyboard.type('x');
  const numbers = visitor.page.locator('.cm-lineNumbers .cm-gutterElement:visible');
  assert.deepEqual(await numbers.allTextContents(), ['1', '2']);
  assert.equal(await visitor.code(), 'print((1))\nx');
  await keyboard.press('ControlOrMeta+z');
  assert.doesNotMatch(await visitor.code(), /x/, 'undone');
  await keyboard.press('ControlOrMeta+y');
  assert.equal(await visitor.code(), 'print((1))\nx', 'and done again');

  await visitor.type('one two one');
  await keyboard.press('ControlOrMeta+f');
  await keyboard.type('one');
  await visitor.page.locator('.cm-searchMatch').first().waitFor();
  assert.deepEqual(await visitor.page.locator('.cm-searchMatch').allTextContents(), ['one', 'one']);
  await keyboard.press('Escape');

  const count = visitor.page.locator('#count');
  for (const [length, state] of [
    [4499, ''],
    [4500, 'near'],
    [5000, 'near'],
    [5003, 'over'],
  ] as const) {
    await visitor.type('#'.repeat(length));
    assert.equal(await count.getAttribute('data-state'), state, `${length} characters`);
  }
  assert.equal(await visitor.page.locator('.cm-over').textContent(), '###', 'one sees what to cut');
});

test('all of it works without a mouse', async () => {
  const visitor = await home.visit();
  const { keyboard } = visitor.page;
  const focused = () =>
    visitor.page.evaluate(() => {
      const element = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? '';
    });
  const tabTo = async (name: RegExp) => {
    for (let presses = 0; presses < 40; presses++) {
      await keyboard.press('Tab');
      if (name.test(await focused())) return;
    }
    assert.fail(`Tab never came to ${name}; it is at "${await focused()}"`);
  };
  await visitor.page.locator('.cm-content').focus();
  await keyboard.press('ControlOrMeta+a');
  await keyboard.type('for n in range(2):\nprint(n)', { delay: 5 });
  assert.equal(await visitor.code(), 'for n in range(2):\n    print(n)', 'a new line in a block is indented');
  await keyboard.press('ControlOrMeta+Enter');
  await visitor.ended('Finished');
  assert.equal(await visitor.stdout(), '0\n1\n');

  await keyboard.press('Escape');
  await tabTo(/^Input$/);
  await keyboard.press('Enter');
  await tabTo(/^$/);
  await keyboard.type('typed');
  assert.equal(await visitor.page.getByLabel('Standard input').inputValue(), 'typed');

  await visitor.page.locator('#examples').focus();
  await keyboard.press('Enter');
  assert.match(await focused(), /^Hello/);
  await keyboard.press('End');
  await keyboard.press('ArrowUp');
  assert.match(await focused(), /^Write a file/);
  await visitor.check('menu');
  await keyboard.press('Escape');
  assert.match(await focused(), /^Examples/);
  await keyboard.press('ArrowDown');
  await keyboard.type('e');
  await keyboard.press('Enter');
  assert.match(await focused(), /^Run/);
  await keyboard.press('Enter');
  await visitor.ended('Running');
  await visitor.page.locator('#run[data-state="stop"]').waitFor();
  await keyboard.press('ControlOrMeta+.');
  await visitor.ended('Stopped by you');

  await keyboard.press('?');
  await visitor.page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await visitor.check('keys');
  await keyboard.press('Escape');

  await visitor.page.locator('.cm-content').focus();
  await keyboard.press('ControlOrMeta+f');
  await visitor.page.locator('.cm-search').waitFor();
  await visitor.check('search');
  await keyboard.press('Escape');

  await visitor.page.locator('.runs .open').first().focus();
  await keyboard.press('Tab');
  assert.match(await focused(), /^Run again: /);
  await visitor.page.locator('#skip').focus();
  await visitor.check('skip-link');
  await keyboard.press('Enter');
  assert.equal(await visitor.page.evaluate(() => document.activeElement?.id), 'result');
});
