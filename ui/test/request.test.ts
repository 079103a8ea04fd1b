import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { zipSync } from 'fflate';
import type { RunRequest } from '../src/contract.ts';
import { apiBase, pageUrl, runInHash, runLink } from '../src/logic/base.ts';
import { asText, fromBase64, toBase64 } from '../src/logic/bytes.ts';
import { ApiError, fromResponse, unreachable } from '../src/logic/problem.ts';
import { toCurl, toWire } from '../src/logic/request.ts';
import { byteLength, countChars, firstLine, indexOfChar, lastLine } from '../src/logic/text.ts';
import { joinWords, quoteWord, splitWords } from '../src/logic/words.ts';
import { listZip } from '../src/logic/zip.ts';

const bytes = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;

/** What a real shell makes of a command: its words. */
function shellWords(command: string): string[] {
  const { stdout } = spawnSync('sh', ['-c', `printf '%s\\0' ${command}`]);
  return stdout.toString().split('\0').slice(0, -1);
}

test('the API is found beside the page, whatever stands before both', () => {
  for (const [href, base] of [
    ['http://127.0.0.1:5000/ui', 'http://127.0.0.1:5000/'],
    ['http://127.0.0.1:5000/ui/', 'http://127.0.0.1:5000/'],
    ['http://127.0.0.1:5000/ui?x=1#/run/abc', 'http://127.0.0.1:5000/'],
    [
      'https://abc.execute-api.eu-west-1.amazonaws.com/Prod/ui',
      'https://abc.execute-api.eu-west-1.amazonaws.com/Prod/',
    ],
    ['https://example.com/a/ui/b/ui', 'https://example.com/a/ui/b/'],
    ['https://example.com/ui/index.html', 'https://example.com/'],
  ] as const) {
    assert.equal(apiBase(href), base, href);
  }
  assert.equal(pageUrl('https://example.com/Prod/ui/#x'), 'https://example.com/Prod/ui');
  assert.equal(runLink('https://example.com/Prod/ui', '0199-ab'), 'https://example.com/Prod/ui#/run/0199-ab');
});

test('only a plain id is taken from a link', () => {
  assert.equal(
    runInHash('#/run/0199c2d4-0000-7000-8000-000000000001'),
    '0199c2d4-0000-7000-8000-000000000001',
  );
  for (const bad of [
    '',
    '#',
    '#/run/',
    '#/run/../x',
    '#/run/a%2Fb',
    '#/run/a?b',
    `#/run/${'a'.repeat(65)}`,
  ]) {
    assert.equal(runInHash(bad), undefined, bad);
  }
});

test('characters are counted as the server counts them', () => {
  assert.equal(countChars('abc'), 3);
  assert.equal(countChars('a😀b'), 3);
  assert.equal(countChars('\ud83d'), 1);
  assert.equal(countChars('\ude00\ud83d'), 2);
  assert.equal(countChars('é'.normalize('NFD')), 2);
  assert.equal(indexOfChar('a😀b', 2), 3);
  assert.equal(indexOfChar('abc', 99), 3);
  assert.equal(byteLength('é😀'), 6);
});

test('lines stand for texts', () => {
  assert.equal(firstLine('\n\n  print(1)  \nx'), 'print(1)');
  assert.equal(lastLine('a\nb\n\n'), 'b');
  assert.equal(firstLine('x'.repeat(200), 10), `${'x'.repeat(9)}…`);
  assert.equal(firstLine(''), '');
});

test('arguments are read as a shell reads them', () => {
  const words = (line: string) => {
    const split = splitWords(line);
    return 'words' in split ? split.words : split.error;
  };
  assert.deepEqual(words(''), []);
  assert.deepEqual(words('  a  b\tc '), ['a', 'b', 'c']);
  assert.deepEqual(words('--name "Ada Lovelace" \'it is\' a\\ b ""'), [
    '--name',
    'Ada Lovelace',
    'it is',
    'a b',
    '',
  ]);
  assert.deepEqual(words('a"b"\'c\''), ['abc']);
  assert.deepEqual(words('"a\\"b\\\\c\\n" \'\\n\''), ['a"b\\c\\n', '\\n']);
  assert.equal(words('"open'), 'A quote (") is not closed.');
  assert.equal(words('a\\'), 'A backslash at the end quotes nothing.');
});

test('words that are joined are the words that are split', () => {
  const nasty = ['', 'a b', "it's", '"', '\\', '$HOME', '`x`', '-n', 'ü', '\n', '*'];
  assert.deepEqual(splitWords(joinWords(nasty)), { words: nasty });
  assert.deepEqual(shellWords(joinWords(nasty)), nasty);
  assert.equal(quoteWord('plain-word/1.0'), 'plain-word/1.0');
});

test('a program goes over the wire as JSON, with nothing it does not have', () => {
  const plain: RunRequest = {
    language: 'python',
    stdin: '',
    args: [],
    program: { kind: 'code', code: 'print(1)' },
  };
  assert.deepEqual(toWire(plain), { kind: 'json', body: '{"language":"python","code":"print(1)"}' });
  const full: RunRequest = {
    language: 'python',
    stdin: 'in',
    args: ['a'],
    program: {
      kind: 'files',
      files: [
        { name: 'x.bin', bytes: new Uint8Array([255]) },
        { name: 'm.py', bytes: bytes('é') },
      ],
      entrypoint: 'm.py',
    },
  };
  const wire = toWire(full);
  assert.ok(wire.kind === 'json');
  assert.deepEqual(JSON.parse(wire.body), {
    language: 'python',
    files: [
      { name: 'x.bin', content: '/w==', encoding: 'base64' },
      { name: 'm.py', content: 'é', encoding: 'utf8' },
    ],
    entrypoint: 'm.py',
    stdin: 'in',
    args: ['a'],
  });
});

test('a zip goes as a form, its arguments as one array', () => {
  const zip: RunRequest = {
    language: 'python',
    stdin: '@x',
    args: ['[1]', 'b'],
    program: { kind: 'zip', name: 'p.zip', bytes: new Uint8Array([1]), entrypoint: 'app.py' },
  };
  const wire = toWire(zip);
  assert.ok(wire.kind === 'form');
  assert.deepEqual(wire.fields, [
    ['language', 'python'],
    ['entrypoint', 'app.py'],
    ['stdin', '@x'],
    ['args', '["[1]","b"]'],
  ]);
});

test('the curl command says the same, through a real shell', () => {
  const code = `print('it''s "quoted" $HOME \`date\` \\\\ é')\n# !`;
  const url = 'http://127.0.0.1:5000/run';
  const words = shellWords(
    toCurl(url, { language: 'python', stdin: '', args: [], program: { kind: 'code', code } }),
  );
  assert.deepEqual(words.slice(0, 5), ['curl', '-sS', url, '-H', 'Content-Type: application/json']);
  assert.equal(words[5], '--data-raw');
  assert.equal(JSON.parse(words[6] ?? '').code, code);

  const zip = { kind: 'zip' as const, name: 'my; "project".zip', bytes: new Uint8Array([1]) };
  const form = shellWords(toCurl(url, { language: 'python', stdin: '<evil', args: [], program: zip }));
  assert.deepEqual(form, [
    ...['curl', '-sS', url, '-F', 'file=@"my; \\"project\\".zip"'],
    ...['--form-string', 'language=python', '--form-string', 'stdin=<evil'],
  ]);
});

test('bytes survive base64, and only text is taken for text', () => {
  const all = new Uint8Array(100_000).map((_, i) => i);
  assert.deepEqual(fromBase64(toBase64(all)), all);
  assert.equal(asText(bytes('\ufeffé')), '\ufeffé');
  assert.equal(asText(new Uint8Array([0xc3])), undefined);
});

test('a zip shows its table of contents without being unpacked', () => {
  const zip = zipSync({
    'main.py': bytes('x'),
    lib: { 'util.py': bytes('yy'), empty: {} },
    bomb: new Uint8Array(5_000_000),
  });
  assert.deepEqual(listZip(zip), {
    entries: [
      { name: 'bomb', size: 5_000_000 },
      { name: 'lib/util.py', size: 2 },
      { name: 'main.py', size: 1 },
    ],
  });
});

test('what is no zip is said to be none', () => {
  for (const broken of [
    bytes('PK\x03\x04 nothing'),
    new Uint8Array(0),
    zipSync({ a: bytes('x') }).subarray(0, 20),
  ]) {
    assert.ok('error' in listZip(broken));
  }
  assert.ok('error' in listZip(zipSync({})));
});

test('refusals are told in the words of the server', () => {
  const headers = new Headers();
  const body =
    '{"error":"Code too long. Maximum allowed length is 5000 characters.","code":"code_too_long","request_id":"r1"}';
  const problem = fromResponse(400, headers, body);
  assert.equal(problem.title, 'Not run');
  assert.equal(problem.detail, 'Code too long. Maximum allowed length is 5000 characters.');
  assert.equal(problem.requestId, 'r1');
  assert.equal(fromResponse(413, headers, body).title, 'Too large');
  assert.equal(fromResponse(404, headers, '').kind, 'missing');
});

test('a busy server says when to come back', () => {
  const busy = fromResponse(429, new Headers({ 'retry-after': '2' }), '{"error":"busy"}');
  assert.equal(busy.retryAfter, 2);
  assert.match(busy.detail, /try again in 2 seconds/);
  assert.equal(fromResponse(429, new Headers({ 'retry-after': '9999' }), '').retryAfter, 60);
  assert.equal(fromResponse(429, new Headers({ 'retry-after': '0' }), '').retryAfter, 1);
  assert.equal(fromResponse(429, new Headers({ 'retry-after': 'soon' }), '').retryAfter, undefined);
});

test('gateways have bodies of their own, or none', () => {
  const none = new Headers();
  assert.equal(
    fromResponse(504, none, '{"message":"Endpoint request timed out"}').title,
    'No answer in time',
  );
  assert.match(fromResponse(503, none, '').detail, /HTTP 503\. This is not your program's fault\./);
  assert.equal(fromResponse(502, none, '<html>').title, 'The server failed');
  assert.equal(fromResponse(403, none, '{"message":"Forbidden"}').detail, 'Forbidden');
});

test('an error reads as one sentence', () => {
  assert.match(new ApiError(unreachable()).message, /^The server does not answer\. It may be/);
});

test('a program that may write gets a folder for it, and what it leaves is asked for', () => {
  const base = { language: 'python', stdin: '', args: [], collect: true };
  const json = toWire({ ...base, program: { kind: 'code', code: '1' } });
  const asked = { language: 'python', code: '1', workspace: 'writable', collect: ['*'] };
  assert.deepEqual(json.kind === 'json' && JSON.parse(json.body), asked);
  const form = toWire({ ...base, program: { kind: 'zip', name: 'a.zip', bytes: bytes('PK') } });
  assert.deepEqual(form.kind === 'form' && form.fields.slice(1), [
    ['workspace', 'writable'],
    ['collect', '*'],
  ]);
});
