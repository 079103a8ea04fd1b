/** The page in Firefox: what a person does most, and that the browser has nothing to complain of. Needs Debian's firefox-esr. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server } from '../e2e/server.ts';
import { Firefox, KEYS } from './marionette.ts';

let server: Server | undefined;
let firefox: Firefox;
let origin = '';

before(async () => {
  // A server that runs already, or one of these tests' own.
  origin = process.env.SCE_FIREFOX_AT ?? '';
  if (origin === '') {
    server = await Server.start('firefox', { SCE_TIMEOUT_SECONDS: '600' });
    origin = server.origin;
  }
  firefox = await Firefox.start();
  await firefox.size(1300, 900);
  await firefox.open(`${origin}/ui`);
  await firefox.until("find('#editor').dataset.editor === 'full'");
  await firefox.until("/\\d/.test(find('#version').textContent)");
});
after(async () => {
  await firefox?.close();
  await server?.close();
});

const lines = "[...editor().querySelectorAll('.cm-line')].map((line) => line.textContent).join('\\n')";
const output = "[...document.querySelectorAll('.stretch')].map((one) => one.textContent)";

/** Puts this into the editor in the place of what is there, by keys. */
async function write(code: string): Promise<void> {
  await firefox.see("find('.cm-content').focus()");
  await firefox.press(KEYS.control, 'a');
  await firefox.type(code);
}

async function ended(title: string): Promise<void> {
  await firefox.until(`find('#verdict-title').textContent === ${JSON.stringify(title)}`);
}

test('a program is typed and run, asks, and is answered', async () => {
  await write('print("Hello", input("Name? ")');
  assert.equal(await firefox.see(lines), 'print("Hello", input("Name? "))', 'brackets close themselves');
  await firefox.press(KEYS.control, KEYS.enter);
  await firefox.until("document.activeElement.id === 'typed'");
  await firefox.type('Ada');
  await firefox.press(KEYS.enter);
  await ended('Finished');
  assert.deepEqual(await firefox.see(output), ['Name? ', 'Ada\n', 'Hello Ada\n']);
});

test('what was typed and what came of it are there again after a reload', async () => {
  await firefox.until("location.hash.startsWith('#/run/')");
  await new Promise((done) => setTimeout(done, 500)); // the draft is kept a moment after it changed
  await firefox.reload();
  await ended('Finished');
  await firefox.until("find('.cm-line')");
  assert.equal(await firefox.see(lines), 'print("Hello", input("Name? "))');
});

test('an error leads to its line', async () => {
  await write('x = 1\nx / 0');
  await firefox.press(KEYS.control, KEYS.enter);
  await ended('Ended with exit code 1');
  assert.equal(
    await firefox.see("find('#verdict-said').textContent"),
    'main.py, line 2 ZeroDivisionError: division by zero',
  );
  await firefox.click('#verdict-said button');
  await firefox.until("find('.cm-activeLine').textContent === 'x / 0'");
  assert.equal(await firefox.see("editor().querySelectorAll('.cm-fault-mark').length"), 1);
});

test('a running program is stopped, and what it wrote stays', async () => {
  await write('import time\nprint("kept", flush=True)\ntime.sleep(590)');
  await firefox.press(KEYS.control, KEYS.enter);
  await firefox.until(`${output}.includes('kept\\n')`);
  await firefox.until("find('#run').dataset.state === 'stop'");
  await new Promise((done) => setTimeout(done, 500)); // not the second click of a double click
  await firefox.press(KEYS.control, '.');
  await ended('Stopped by you');
  assert.deepEqual(await firefox.see(output), ['kept\n']);
});

test('another language is found by its alias, and has its colours', async () => {
  await firefox.click('#language');
  await firefox.until("document.activeElement.id === 'language-search'");
  await firefox.type('node');
  await firefox.press(KEYS.enter);
  await firefox.until("find('#language-name').textContent === 'JavaScript'");
  await firefox.until(
    "new Set([...editor().querySelectorAll('.cm-line span')].map((one) => getComputedStyle(one).color)).size > 1",
  );
});

test('the page is no wider than a narrow window, and shows one thing at a time', async () => {
  await firefox.size(500, 800); // the least that this browser's window can be
  await firefox.until('innerWidth < 760');
  assert.equal(await firefox.see('document.documentElement.scrollWidth - innerWidth <= 0'), true);
  await firefox.click('#dock-output');
  assert.equal(await firefox.see("find('.source').getClientRects().length"), 0);
});

test('the browser has nothing to complain of', async () => {
  assert.deepEqual(await firefox.complaints(origin), []);
  // So that this is known to see what there is.
  await firefox.see(
    'void setTimeout(() => document.body.insertAdjacentHTML("beforeend", "<i style=color:red>x</i>"))',
  );
  await firefox.until("find('body > i')");
  const [complaint = ''] = await firefox.complaints(origin);
  assert.match(complaint, /style/);
});
