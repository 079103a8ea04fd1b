/** A running program: what it writes is seen as it comes, and it can be typed to, interrupted and stopped. */

import assert from 'node:assert/strict';
import { house, test } from './house.ts';
import { soon } from './soon.ts';
import { longestTasks } from './tasks.ts';

/** Programs may run as long as the tests look at them. */
const home = house('live', { SCE_TIMEOUT_SECONDS: '600' });

test('a program that asks is answered in a row below its output, and goes on', async () => {
  const visitor = await home.visit();
  const { page } = visitor;
  await visitor.type('name = input("Your name? ")\nprint("Hello", name)\nprint(input("Age? "), "years")');
  await page.keyboard.press('ControlOrMeta+Enter');
  await page.locator('.stretch').filter({ hasText: 'Your name?' }).waitFor();
  await page.locator('#waiting').filter({ hasText: 'Waiting for input?' }).waitFor();
  await page.waitForFunction(() => document.activeElement?.id === 'typed');
  await page.locator('#say').filter({ hasText: 'Your name?' }).waitFor({ state: 'attached' });
  await visitor.check('asks');
  await page.locator('#typed').focus(); // it was out of sight on a narrow screen
  await page.keyboard.type('Ada');
  await page.keyboard.press('Enter');
  await page.locator('.stretch').filter({ hasText: 'Hello Ada' }).waitFor();
  await page.keyboard.type('36');
  await page.keyboard.press('Enter');
  await visitor.ended('Finished');
  await soon.equal(() => visitor.stdout(), 'Your name? Hello Ada\nAge? 36 years\n');
  const typed = page.getByRole('group', { name: 'You typed' });
  await soon.deepEqual(() => typed.allTextContents(), ['Ada\n', '36\n']);
  await soon.ok(() => page.locator('#typing').isHidden());
  await visitor.check('answered');
});

test('a line on which a socket opens late can be typed on all the same', async () => {
  const visitor = await home.visit();
  const { page } = visitor;
  await page.evaluate(() => {
    const Real = window.WebSocket;
    window.WebSocket = class extends Real {
      override set onopen(opened: ((event: Event) => void) | null) {
        super.onopen = (event) => setTimeout(() => opened?.(event), 2000);
      }
    };
  });
  await visitor.type('print(input("Your name? "))');
  await visitor.run();
  await page.locator('#typed').fill('Ada');
  await page.locator('#typed').press('Enter');
  await visitor.ended('Finished');
  await soon.equal(() => visitor.stdout(), 'Your name? Ada\n');
});

test('the end of the input, and an interrupt, are a key or a button', async () => {
  const visitor = await home.visit();
  const { page } = visitor;
  await visitor.type('import sys\nprint(sum(int(line) for line in sys.stdin))');
  await visitor.run();
  await page.locator('#typed').fill('12');
  await page.locator('#typed').press('Enter');
  await page.locator('#typed').fill('30');
  await page.locator('#typed').press('Enter');
  await page.locator('#typed').press('Control+d');
  await visitor.ended('Finished');
  await soon.equal(() => visitor.stdout(), '42\n');

  await visitor.type(
    'import time\ntry:\n    print("on", flush=True)\n    time.sleep(590)\nexcept KeyboardInterrupt:\n    print("off")',
  );
  await visitor.run();
  await page.locator('.stretch').filter({ hasText: 'on' }).waitFor();
  await page.getByRole('button', { name: 'Interrupt' }).click();
  await visitor.ended('Finished');
  await soon.equal(() => visitor.stdout(), 'on\noff\n');
});

test('given input comes first; with more to come the row is there too', async () => {
  const visitor = await home.visit();
  const { page } = visitor;
  await visitor.type('print("first", input())\nprint("then", input())');
  await page.locator('[aria-controls="tray-input"]').click();
  await page.getByLabel('Standard input').fill('given\n');
  await visitor.run();
  await visitor.ended('Ended with exit code 1');
  await soon.equal(() => visitor.stdout(), 'first given\n');
  await soon.equal(
    () => visitor.hint.textContent(),
    'Your program asked for input and there was none. Give it input',
  );
  await visitor.check('no-input-left');
  await page.locator('[aria-controls="tray-input"]').click();
  await page.getByRole('button', { name: 'Give it input' }).click();
  await soon.equal(() => page.evaluate(() => document.activeElement?.id), 'stdin');
  await page.getByLabel('Then more is typed while it runs').check();
  await visitor.run();
  await page.locator('.stretch').filter({ hasText: 'first given' }).waitFor();
  await page.locator('#typed').fill('typed');
  await page.locator('#typed').press('Enter');
  await visitor.ended('Finished');
  await soon.equal(() => visitor.stdout(), 'first given\nthen typed\n');
});

test('output is seen before the program ends, in its order, and its end is followed', async () => {
  const visitor = await home.visit();
  const { page } = visitor;
  const code = [
    'import sys, time',
    'for n in range(300):',
    '    print("line", n, flush=True)',
    'print("careful", file=sys.stderr, flush=True)',
    'time.sleep(0.2)',
    'print("last", flush=True)',
    'input()',
  ].join('\n');
  await visitor.type(code);
  await visitor.run();
  await page.locator('.stretch').filter({ hasText: 'last' }).waitFor();
  await soon.equal(() => visitor.title.textContent(), 'Running');
  const streams = await page
    .locator('.stretch')
    .evaluateAll((all) => all.map((one) => one.getAttribute('data-stream')));
  assert.deepEqual(streams, ['stdout', 'stderr', 'stdout'], 'in the order in which it came');
  await page.waitForFunction(() => {
    const box = document.querySelector('#console') as HTMLElement;
    return box.scrollTop + box.clientHeight >= box.scrollHeight - 2;
  });
  await visitor.check('live');
  await page.locator('#typed').press('Enter');
  await visitor.ended('Finished');
});

test('a bar that draws itself anew is one line', async () => {
  const visitor = await home.visit();
  const code =
    'for n in range(0, 101, 5):\n    print(f"\\r{n:3}% {\'#\' * (n // 10)}", end="", flush=True)\nprint()';
  await visitor.runs(code, 'Finished');
  await soon.equal(() => visitor.stdout(), '100% ##########\n');
  await soon.equal(() => visitor.page.locator('.rewritten').count(), 1);
});

test('where there are no sockets a program still runs, and is seen as it goes', async () => {
  const visitor = await home.visit({
    arrange: async (page) => {
      await page.routeWebSocket('**/run/live', (socket) => socket.close({ code: 1011 }));
      await page.addInitScript(() => {
        class None {
          onerror?: () => void;
          constructor() {
            setTimeout(() => this.onerror?.());
          }
          close() {}
        }
        Object.assign(window, { WebSocket: None });
      });
    },
  });
  await visitor.type('import time\nprint("seen", flush=True)\ntime.sleep(590)');
  await visitor.run();
  await visitor.page.locator('.stretch').filter({ hasText: 'seen' }).waitFor();
  await visitor.ended('Running');
  assert.ok(await visitor.page.locator('#typing').isHidden(), 'nothing can be typed then');
  await visitor.page.waitForTimeout(500); // not the second click of a double click
  await visitor.page.getByRole('button', { name: 'Stop', exact: true }).click();
  await visitor.ended('Stopped by you');
  await soon.equal(() => visitor.stdout(), 'seen\n');
  await home.server.runs(0);
});

test('an error leads to its line, from the verdict, the output and by key', async () => {
  const visitor = await home.visit();
  const { page } = visitor;
  const code = 'import json\n\ndef f(text):\n    return json.loads(text)\n\nf("{")';
  await visitor.runs(code, 'Ended with exit code 1');
  const line = () =>
    page.evaluate(
      () => document.querySelector('#editor .code')?.shadowRoot?.querySelector('.cm-activeLine')?.textContent,
    );
  await page.getByRole('button', { name: 'main.py, line' }).first().click();
  const told = await line();
  assert.ok(told === 'f("{")' || told === '    return json.loads(text)', told ?? '');
  await soon.equal(() => page.locator('.cm-fault-mark').count(), 1, 'marked in the margin');
  await page.getByTitle('Go to main.py, line 6').click();
  await soon.equal(() => line(), 'f("{")');
  await soon.match(
    () => page.locator('.fold summary').first().textContent(),
    /^\d+ frames? that (is|are) not yours$/,
  );
  await page.keyboard.press('ControlOrMeta+Home');
  await page.keyboard.press('F8');
  await soon.equal(() => line(), told);
  await soon.match(() => page.locator('#say').textContent(), /^Line \d: json\.decoder\.JSONDecodeError/);
  await visitor.check('error-line');
  await page.keyboard.type('#');
  await page.waitForFunction(
    () => !document.querySelector('#editor .code')?.shadowRoot?.querySelector('.cm-fault-mark'),
  );
});

test('ten thousand lines hold nobody up, on a machine that is four times slower either', async () => {
  const visitor = await home.visit();
  const code =
    'import time\nfor n in range(10000):\n    print("line", n, flush=n % 20 == 0)\n    if n % 100 == 0: time.sleep(0.01)';
  await visitor.type(code);
  const [longest = 0] = await longestTasks(visitor.page, async () => {
    await visitor.run();
    await visitor.ended('Finished');
  });
  await soon.match(() => visitor.stdout(), /^line 0\n[\s\S]*line 9999\n$/);
  assert.ok(longest * 4 <= 100, `the page was busy for ${longest} ms at once`);
});

test('ten thousand lines and a megabyte of colours do not hold the page up', async () => {
  const visitor = await home.visit();
  const { page } = visitor;
  const code = 'for n in range(10000):\n    print(f"\\x1b[{31 + n % 7}mline {n}\\x1b[0m", flush=n % 50 == 0)';
  await visitor.runs(code, 'Finished');
  await soon.match(() => visitor.stdout(), /^line 0\n/);
  await soon.match(() => visitor.stdout(), /line 9999\n$/);
  const nodes = await page.locator('#console *').count();
  assert.ok(nodes < 21_000, `${nodes} nodes`);
  await visitor.theme('Dark');
  const [first] = await page
    .locator('.stretch span')
    .evaluateAll((all) => all.slice(0, 1).map((one) => one.getAttribute('style')));
  assert.equal(first, null, 'colours are classes: a theme is a matter of the sheet');
});
