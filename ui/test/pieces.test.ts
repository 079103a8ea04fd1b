import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toFields } from '../src/logic/cases.ts';
import { diff } from '../src/logic/diff.ts';
import { EventReader } from '../src/logic/events.ts';
import { fingerprint } from '../src/logic/fingerprint.ts';
import { pairs } from '../src/logic/pairs.ts';
import { isForeignFrame, placesIn } from '../src/logic/places.ts';
import { fromSocket } from '../src/logic/problem.ts';
import { readRows } from '../src/logic/rows.ts';
import { fromFragment, type Shared, toFragment } from '../src/logic/share.ts';

const bytes = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;

test('events are read in whatever pieces they come', () => {
  const stream = 'event: accepted\ndata: {"id":"1"}\n\n: alive\n\nevent: output\ndata: {"text":"a\\nb"}\n\n';
  for (const size of [1, 5, 1000]) {
    const reader = new EventReader();
    const events = [];
    for (let at = 0; at < stream.length; at += size) events.push(...reader.read(stream.slice(at, at + size)));
    assert.deepEqual(events, [
      { name: 'accepted', data: { id: '1' } },
      { name: 'output', data: { text: 'a\nb' } },
    ]);
  }
});

test('an error that comes as an event has the words of an answer', () => {
  const problem = fromSocket({ error: 'All sandboxes are busy.', code: 'busy', request_id: '7' });
  assert.deepEqual([problem.kind, problem.title, problem.requestId], ['busy', 'All sandboxes are busy', '7']);
  assert.equal(fromSocket({ error: '`code` \u202e', code: 'invalid_request' }).detail, '`code` ‹RLO›');
  assert.equal(fromSocket({ code: 'docker_unavailable' }).kind, 'ours');
});

test('two requests that differ in anything that is run are told apart', () => {
  const base = { language: 'python', stdin: '', args: [], program: { kind: 'code' as const, code: 'x' } };
  const file = (text: string) => [{ name: 'a', bytes: bytes(text) }];
  const all = [
    base,
    { ...base, language: 'lua' },
    { ...base, stdin: '1' },
    { ...base, args: ['1'] },
    { ...base, limits: { timeout_seconds: 1 } },
    { ...base, program: { kind: 'code' as const, code: 'y' } },
    { ...base, program: { kind: 'files' as const, code: 'x', files: file('1') } },
    { ...base, program: { kind: 'files' as const, code: 'x', files: file('2') } },
    { ...base, program: { kind: 'zip' as const, name: 'a', bytes: bytes('1') } },
  ];
  assert.equal(new Set(all.map(fingerprint)).size, all.length);
  assert.equal(
    fingerprint({ ...base, live: true }),
    fingerprint(base),
    'how it is looked on at is no matter',
  );
});

test('a link carries everything there and back, and a broken one nothing', async () => {
  const shared: Shared = {
    language: 'python',
    code: 'print("é 😀")\n'.repeat(50),
    stdin: '1\n',
    args: '--x "y z"',
    files: [{ name: 'a.bin', bytes: new Uint8Array([0, 255]) }],
    entry: '',
    tests: { compare: 'tokens', cases: [{ name: 'n', stdin: '1', expected: '2', hidden: true }] },
    testsFixed: true,
    limits: { memory_mb: 32 },
  };
  const fragment = await toFragment(shared);
  assert.match(fragment, /^#\/code\/[\w-]+$/);
  assert.ok(fragment.length < 500);
  assert.deepEqual(await fromFragment(fragment), shared);
  for (const broken of ['#/code/', '#/code/AAAA', fragment.slice(0, -9), '#/code/!!'])
    assert.equal(await fromFragment(broken), undefined);
  const bomb = await toFragment({ ...shared, code: ' '.repeat(5_000_000) });
  assert.equal(await fromFragment(bomb), undefined, 'nothing unpacks without bound');
});

test('places in the files of a program are found, and none elsewhere', () => {
  const found = (line: string) =>
    placesIn(line, ['main.py', 'lib/b.js']).flatMap((one) => (typeof one === 'string' ? [] : [one.place]));
  assert.deepEqual(found('  File "/sandbox/main.py", line 3, in f'), [{ file: 'main.py', line: 3 }]);
  assert.deepEqual(found('    at f (/sandbox/lib/b.js:3:14)'), [{ file: 'lib/b.js', line: 3, column: 14 }]);
  assert.deepEqual(found('main.py:7: error'), [{ file: 'main.py', line: 7 }]);
  assert.deepEqual(found('  File "/usr/lib/main.py", line 3'), []);
  assert.deepEqual(found('domain.py:7 xmain.py:8 main.pyc:9'), []);
  const [before, place, after] = placesIn('x /sandbox/main.py:7: y', ['main.py']);
  assert.deepEqual([before, (place as { shown: string }).shown, after], ['x ', 'main.py:7', ': y']);
  assert.ok(isForeignFrame('    at Module._compile (node:internal/modules/cjs/loader:1105:14)'));
  assert.ok(isForeignFrame('  File "/usr/lib/python3.11/json/__init__.py", line 346, in loads'));
  assert.ok(!isForeignFrame('  File "/sandbox/main.py", line 1'));
});

test('pairs of files are test cases, in the order in which people count', () => {
  const names = [
    '10.in',
    '10.out',
    '2.in',
    '2.ans',
    't/input3.txt',
    't/output3.txt',
    'x.in',
    'in/a',
    'out/a',
    'main.py',
  ];
  assert.deepEqual(
    pairs(names).map(({ name, output }) => `${name}>${output}`),
    ['2>2.ans', '3>t/output3.txt', '10>10.out', 'a>out/a'],
  );
  const cases = [{ name: 'a', stdin: '1', expected: '2', hidden: false }];
  assert.deepEqual(toFields({ cases, compare: 'numbers' }), {
    tests: [{ name: 'a', stdin: '1', expected_output: '2' }],
    compare: { numbers: { absolute: 1e-9, relative: 1e-9 } },
  });
});

test('outputs are laid beside each other where they are the same', () => {
  const rows = diff('a\nb\nc\n', 'a\nx\nb\nc  \n', 'lines');
  assert.deepEqual(
    rows.map(({ expected, got, same }) => [expected, got, same]),
    [
      ['a', 'a', true],
      [undefined, 'x', false],
      ['b', 'b', true],
      ['c', 'c  ', true],
    ],
  );
  assert.equal(diff('c', 'c ', 'exact')[0]?.same, false);
});

test('a table is read as it is written', () => {
  assert.deepEqual(readRows('a,b\r\n"x, ""y""",2\n,\n', ',', 9), [
    ['a', 'b'],
    ['x, "y"', '2'],
    ['', ''],
  ]);
  assert.equal(readRows('a\n'.repeat(99), ',', 5).length, 5);
});
