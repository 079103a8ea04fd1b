/** Reaching everything: on narrow and middling screens, by the keyboard alone, and in the editor. */

import assert from 'node:assert/strict';
import { house, test } from './house.ts';
import { soon } from './soon.ts';

/** Programs may run as long as the tests look at them. */
const home = house('reach', { SCE_TIMEOUT_SECONDS: '600' });

test('on a telephone one thing is shown at a time, and Run is always within reach', async () => {
  const visitor = await home.visit({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true });
  const { page } = visitor;
  const inReach = async () => {
    const box = await page.locator('#run').boundingBox();
    return box !== null && box.y >= 0 && box.y + box.height <= 640 && box.height >= 44;
  };
  await visitor.check('narrow-idle');
  assert.ok(await inReach());
  await visitor.type('for n in range(60):\n    print(n)');
  await page.locator('#run').tap();
  await visitor.ended('Finished');
  const output = page.locator('.stretch').first();
  await output.waitFor();
  await soon.ok(() => page.locator('.cm-content').isHidden(), 'the output has the place of the code');
  await soon.ok(async () => ((await output.boundingBox())?.y ?? 999) < 170, 'and begins near the top');
  await page.mouse.wheel(0, 600);
  assert.ok(await inReach(), 'after 60 lines too');
  await visitor.check('narrow-finished');
  await page.getByRole('button', { name: 'Code', exact: true }).tap();
  await page.locator('.cm-content').waitFor();
  await page.getByRole('button', { name: 'Input', exact: true }).last().tap();
  await page.getByLabel('Standard input').fill('1');
  await visitor.check('narrow-input');
  await page.getByRole('button', { name: 'Code', exact: true }).tap();
  await page.getByRole('button', { name: 'Examples' }).tap();
  await visitor.check('narrow-menu');
});

test('controls can be hit with a thumb', async () => {
  const visitor = await home.visit({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true });
  await visitor.run();
  await visitor.ended('Finished');
  for (const pane of ['Output', 'Code']) {
    await visitor.page.getByRole('button', { name: pane, exact: true }).tap();
    const small = await visitor.page.locator('button:visible, select:visible, a:visible').evaluateAll((all) =>
      all
        .map((one) => ({ name: one.id || one.textContent, ...one.getBoundingClientRect().toJSON() }))
        .filter(({ height, width, name }) => name !== 'skip' && (height < 43.5 || width < 39.5))
        .map(({ name, width, height }) => `${name} ${width}×${height}`),
    );
    assert.deepEqual(small, [], pane);
  }
  await visitor.page.locator('[aria-controls="tray-args"]').tap();
  const sizes = await visitor.page
    .locator('input:visible, textarea:visible, .cm-content:visible')
    .evaluateAll((all) => all.map((one) => Number.parseFloat(getComputedStyle(one).fontSize)));
  assert.ok(sizes.length >= 2 && Math.min(...sizes) >= 16, `no field is zoomed to: ${sizes}`);
});

test('states that are told by a colour are told by a frame where colours are forced', async () => {
  const visitor = await home.visit({ forcedColors: 'active' });
  const { page } = visitor;
  await visitor.run();
  await visitor.ended('Finished');
  await page.locator('[aria-controls="tray-args"]').click();
  // Found and looked at in one go: the list of runs is made anew when it has arrived, and what was found before is gone then.
  const framed = (selector: string) =>
    page.waitForFunction((selector) => {
      const one = document.querySelector(selector);
      return one !== null && getComputedStyle(one).outlineStyle === 'solid';
    }, selector);
  await framed('.tab[aria-expanded="true"]');
  const other = await page.evaluate(() => {
    const one = document.querySelector('.tab[aria-expanded="false"]');
    return one && getComputedStyle(one).outlineStyle;
  });
  assert.ok(other !== null && other !== 'solid', `${other}`);
  await visitor.openRuns();
  await framed('.runs li[aria-current="true"] .open');
  await visitor.check('forced-colours');
});

test('on paper stand the code, the verdict and the whole output', async () => {
  const visitor = await home.visit();
  await visitor.runs('for n in range(120):\n    print("line", n)', 'Finished');
  await visitor.page.emulateMedia({ media: 'print' });
  await soon.match(() => visitor.page.locator('#on-paper').innerText(), /for n in range\(120\)/);
  await soon.ok(() => visitor.page.getByText('line 119').isVisible());
  for (const gone of ['.top', '#run', '.tray', '.dock'])
    await soon.ok(() => visitor.page.locator(gone).isHidden(), gone);
  const box = await visitor.page.locator('#console').evaluate((one) => one.scrollHeight - one.clientHeight);
  assert.ok(box <= 1, 'nothing is cut off');
});

test('nobody is told a number at each key, and typing over a selection breaks no policy', async () => {
  const visitor = await home.visit();
  const { page } = visitor;
  await visitor.type('def f():\n    return "text"\n# end');
  await page.evaluate(() => {
    const said: string[] = [];
    (window as unknown as { said: string[] }).said = said;
    const look = (list: MutationRecord[]) => {
      for (const { target } of list) {
        const live = (target instanceof Element ? target : target.parentElement)?.closest(
          '[role="status"], [aria-live="polite"], output',
        );
        if (live) said.push(live.textContent ?? '');
      }
    };
    new MutationObserver(look).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
    });
  });
  for (const place of ['Home', 'ArrowUp', 'ArrowUp']) await page.keyboard.press(place);
  for (let n = 0; n < 4; n++) {
    await page.keyboard.press('Home');
    for (let m = 0; m < 3; m++) await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.type('x');
    await page.keyboard.press('ArrowDown');
  }
  assert.deepEqual(await page.evaluate(() => (window as unknown as { said: string[] }).said), []);
  assert.deepEqual(await page.evaluate(() => window.cspReports), []);
  await visitor.type('word');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('(');
  await soon.equal(() => visitor.code(), '(word)', 'a bracket goes around what is selected');
  await visitor.type('#'.repeat(5001));
  await soon.match(() => page.locator('#say').textContent(), /^Over the limit of 5,000 characters/);
});

test('what turns or hides code is visible in the editor', async () => {
  const visitor = await home.visit();
  await visitor.type('a\u202ab\u202bc\u202cd\u2068e\u2060f\u2062g\u180eh\u{e0041}i\u3164j\u034fk');
  await soon.equal(
    () => visitor.code(),
    'a‹LRE›b‹RLE›c‹PDF›d‹FSI›e‹WJ›f‹U+2062›g‹MVS›h‹U+E0041›i‹HF›j‹CGJ›k',
  );
});

test('letters that are read from the right leave the code around them where it is', async () => {
  const visitor = await home.visit();
  await visitor.type('print("\u05e9\u05dc\u05d5\u05dd", 1, 2)');
  await visitor.coloured();
  const at = await visitor.page.locator('.cm-line').evaluate((line) => {
    const text = line.textContent ?? '';
    const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    const left = (wanted: number) => {
      let before = 0;
      walker.currentNode = line;
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const length = node.textContent?.length ?? 0;
        if (wanted < before + length) {
          const range = document.createRange();
          range.setStart(node, wanted - before);
          range.setEnd(node, wanted - before + 1);
          return range.getBoundingClientRect().left;
        }
        before += length;
      }
      return Number.NaN;
    };
    return ['print', '\u05e9', '1', '2'].map((sign) => left(text.indexOf(sign)));
  });
  assert.deepEqual(
    at,
    [...at].sort((a, b) => a - b),
    'in the order in which they are run',
  );
});

test('between narrow and wide there are two panes', async () => {
  const visitor = await home.visit({ viewport: { width: 1024, height: 768 }, colorScheme: 'dark' });
  await visitor.run();
  await visitor.ended('Finished');
  await visitor.check('medium');
  for (const width of [768, 800, 844]) {
    await visitor.page.setViewportSize({ width, height: 768 });
    const version = visitor.page.locator('#version');
    const cut = await version.evaluate((one) => one.scrollWidth > one.clientWidth + 1);
    await soon.ok(async () => !cut || (await version.isHidden()), `the version is whole at ${width} px`);
  }
});

test('the editor helps: numbers, brackets, undo, search, and marks what is too much', async () => {
  const visitor = await home.visit();
  const { keyboard } = visitor.page;
  await visitor.type('');
  await keyboard.type('print((1');
  await soon.equal(() => visitor.code(), 'print((1))', 'brackets close themselves');
  await keyboard.press('ArrowRight');
  const pair = visitor.page.locator('.cm-matchingBracket');
  await soon.deepEqual(() => pair.allTextContents(), ['(', ')']);
  await keyboard.press('End');
  await keyboard.press('Enter');
  await keyboard.type('x');
  const numbers = visitor.page.locator('.cm-lineNumbers .cm-gutterElement:visible');
  await soon.deepEqual(() => numbers.allTextContents(), ['1', '2']);
  await soon.equal(() => visitor.code(), 'print((1))\nx');
  await keyboard.press('ControlOrMeta+z');
  assert.doesNotMatch(await visitor.code(), /x/, 'undone');
  await keyboard.press('ControlOrMeta+y');
  await soon.equal(() => visitor.code(), 'print((1))\nx', 'and done again');

  await visitor.type('one two one');
  await keyboard.press('ControlOrMeta+f');
  await keyboard.type('one');
  await visitor.page.locator('.cm-searchMatch').first().waitFor();
  await soon.deepEqual(() => visitor.page.locator('.cm-searchMatch').allTextContents(), ['one', 'one']);
  await keyboard.press('Escape');

  const count = visitor.page.locator('#count');
  for (const [length, state] of [
    [4499, ''],
    [4500, 'near'],
    [5000, 'near'],
    [5003, 'over'],
  ] as const) {
    await visitor.type('#'.repeat(length));
    await soon.equal(() => count.getAttribute('data-state'), state, `${length} characters`);
  }
  await soon.equal(() => visitor.page.locator('.cm-over').textContent(), '###', 'one sees what to cut');
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
  await soon.equal(
    () => visitor.code(),
    'for n in range(2):\n    print(n)',
    'a new line in a block is indented',
  );
  await keyboard.press('ControlOrMeta+Enter');
  await visitor.ended('Finished');
  await soon.equal(() => visitor.stdout(), '0\n1\n');

  await keyboard.press('Escape');
  await tabTo(/^Input$/);
  await keyboard.press('Enter');
  await tabTo(/^$/);
  await keyboard.type('typed');
  await soon.equal(() => visitor.page.getByLabel('Standard input').inputValue(), 'typed');

  await visitor.page.locator('#examples').focus();
  await keyboard.press('Enter');
  await visitor.page.getByRole('menuitem').first().waitFor();
  await soon.match(() => focused(), /^Hello/);
  await keyboard.press('End');
  await keyboard.press('ArrowUp');
  await soon.match(() => focused(), /^Write a file/);
  await visitor.check('menu');
  await keyboard.press('Escape');
  await soon.match(() => focused(), /^Examples/);
  await keyboard.press('ArrowDown');
  await visitor.page.getByRole('menuitem').first().waitFor();
  await keyboard.type('e');
  await keyboard.press('Enter');
  await soon.match(() => focused(), /^Run/);
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

  await visitor.openRuns();
  await visitor.page.locator('.runs .open').first().focus();
  await keyboard.press('Tab');
  await soon.match(() => focused(), /^Run again: /);
  await keyboard.press('Escape');
  await visitor.page.locator('#skip').focus();
  await visitor.check('skip-link');
  await keyboard.press('Enter');
  await soon.equal(() => visitor.page.evaluate(() => document.activeElement?.id), 'result');
});
