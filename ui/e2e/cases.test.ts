/** Test cases: a table beside the code, verdicts, the difference, and a pupil's zip run against a teacher's link. */

import assert from 'node:assert/strict';
import { zipSync } from 'fflate';
import { bytes, house, test } from './house.ts';
import { soon } from './soon.ts';

const home = house('cases', { SCE_TIMEOUT_SECONDS: '600' });

test('tests are written in a table, run, and the first that fails shows the difference', async () => {
  const visitor = await home.visit();
  const { page } = visitor;
  await visitor.type('n = int(input())\nprint(n)\nprint(n * n if n != 3 else "nine ")');
  await page.locator('[aria-controls="tray-tests"]').click();
  for (const [n, input, expected] of [
    ['1', '2', '2\n4'],
    ['2', '3', '3\n9'],
    ['3', 'x', '0'],
  ] as const) {
    await page.getByRole('button', { name: 'Add a test' }).click();
    await page.getByLabel(`Input of test ${n}`).fill(input);
    await page.getByLabel(`Expected output of test ${n}`).fill(expected);
  }
  await visitor.check('tests-table');
  await page.locator('.cm-content').focus();
  await page.keyboard.press('ControlOrMeta+Shift+Enter');
  await page.getByRole('tab', { name: 'Tests 1/3' }).waitFor();
  await visitor.ended('1 of 3 tests passed: #2 differs at line 2');
  await soon.deepEqual(
    () => page.locator('.results .word').allTextContents(),
    ['Passed', 'Wrong answer', 'Error'],
  );
  await soon.deepEqual(
    () =>
      page
        .locator('.results details')
        .evaluateAll((all) => all.map((one) => (one as HTMLDetailsElement).open)),
    [false, true, false],
  );
  const row = page.locator('.diff tr.differs');
  await soon.deepEqual(() => row.locator('td').allTextContents(), ['9↵', 'nine·↵']);
  await soon.match(() => page.locator('#say').textContent(), /1 of 3 tests passed: #2 differs at line 2\./);
  await visitor.check('tests-result');
  await page.getByRole('tab', { name: 'Output' }).click();
  await soon.ok(() => page.locator('#console').isVisible());
});

test('a teacher sends a link with tests, and a pupil’s zip dropped on it runs against them', async () => {
  const teacher = await home.visit();
  await teacher.page.locator('[aria-controls="tray-tests"]').click();
  await teacher.page.getByRole('button', { name: 'Add a test' }).click();
  await teacher.page.getByLabel('Input of test 1').fill('4');
  await teacher.page.getByLabel('Expected output of test 1').fill('16');
  await teacher.page.getByRole('button', { name: 'Share' }).click();
  await teacher.told('Link copied.');
  const { hash } = new URL(await teacher.clipboard());
  const pupil = await home.visit({ hash });
  const zip = zipSync({
    'work/main.py': bytes('import squares\nprint(squares.square(int(input())))'),
    'work/squares.py': bytes('def square(n):\n    return n ** 2'),
  });
  await pupil.drop([{ name: 'work.zip', bytes: zip }]);
  await pupil.page.locator('#zip .name').first().waitFor();
  await pupil.page.getByRole('button', { name: 'Test', exact: true }).click();
  await pupil.page.getByRole('tab', { name: 'Tests 1/1' }).waitFor();
  await pupil.ended('1 of 1 tests passed');
});

test('pairs of files in a zip are tests', async () => {
  const visitor = await home.visit();
  const zip = zipSync({
    'main.py': bytes('print(int(input()) + 1)'),
    'tests/1.in': bytes('1\n'),
    'tests/1.out': bytes('2\n'),
    'tests/2.in': bytes('5\n'),
    'tests/2.out': bytes('7\n'),
  });
  await visitor.drop([{ name: 'task.zip', bytes: zip }]);
  await visitor.page.locator('#test-list .test').nth(1).waitFor();
  await visitor.page.getByRole('button', { name: 'Test', exact: true }).click();
  await visitor.page.getByRole('tab', { name: 'Tests 1/2' }).waitFor();
});

test('limits are lowered by the person, and told by the page', async () => {
  const visitor = await home.visit();
  await visitor.type('x = bytearray(64 * 1024 * 1024)');
  await visitor.page.locator('[aria-controls="tray-limits"]').click();
  await visitor.page.getByLabel('Memory, in MB').fill('32');
  await visitor.check('limits');
  await visitor.run();
  await visitor.ended('Killed: used more than 32 MB');
  await visitor.page.getByLabel('Memory, in MB').fill('99999');
  await visitor.run();
  await visitor.ended('Not run');
  await soon.match(
    () => visitor.hint.textContent(),
    /^The memory limit must be a whole number of MB, at most 128\./,
  );
});

test('what a run has written becomes a test, and what a test has written what it expects', async () => {
  const visitor = await home.visit();
  const { page } = visitor;
  await visitor.type('print(int(input()) * 2)');
  await page.keyboard.press('ControlOrMeta+Enter');
  await page.locator('#typed').fill('21');
  await page.locator('#typed').press('Enter');
  await visitor.ended('Finished');
  await visitor.details();
  await page.getByRole('button', { name: 'Use as a test' }).click();
  await soon.equal(() => page.getByLabel('Input of test 1').inputValue(), '21\n');
  await soon.equal(() => page.getByLabel('Expected output of test 1').inputValue(), '42\n');

  await visitor.type('print(int(input()) * 3)');
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await visitor.ended('0 of 1 tests passed: #1 differs at line 1');
  await page.getByRole('button', { name: 'Use as expected' }).click();
  await soon.equal(() => page.getByLabel('Expected output of test 1').inputValue(), '63\n');
  await page.locator('#pairing').filter({ hasText: 'earlier version' }).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await soon.equal(() => page.getByLabel('Expected output of test 1').inputValue(), '42\n');

  await page.getByLabel('Show what a test that fails has written').uncheck();
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await visitor.ended('0 of 1 tests passed: #1: Wrong answer');
  assert.equal(await page.locator('#tests-result').getByText('63').count(), 0);
  assert.equal(await page.getByRole('button', { name: 'Use as expected' }).count(), 0);
  await visitor.check('tests-unrevealed');
});
