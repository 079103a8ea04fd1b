import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Execution, Status } from '../src/contract.ts';
import { decodeExecution } from '../src/logic/decode.ts';
import * as format from '../src/logic/format.ts';
import { decodeOffer } from '../src/logic/offer.ts';
import { splitAtByte } from '../src/logic/output/gap.ts';
import { progress, stages } from '../src/logic/stages.ts';
import {
  announcement,
  facts,
  label,
  stderrOf,
  testsInShort,
  truncation,
  verdict,
} from '../src/logic/status.ts';

const MB = 1024 * 1024;
const limits = { timeout_seconds: 10, memory_mb: 128, output_bytes: 65536 };

function execution(status: Status, more: Partial<Execution> = {}): Execution {
  return { id: '1', language: 'python', status, output: '', error: '', limits, ...more };
}

test('each ending has its sentence', () => {
  const title = (status: Status, more: Partial<Execution> = {}) => verdict(execution(status, more)).title;
  const limit = (name: string, value: number) => ({ limit: { name, value, observed: value } });
  assert.equal(title('completed'), 'Finished');
  assert.equal(title('nonzero_exit', { exit_code: 3 }), 'Ended with exit code 3');
  assert.equal(title('signal', { signal: 'SIGSEGV' }), 'Ended by SIGSEGV');
  assert.equal(title('signal', { exit_code: 134 }), 'Ended by signal 6');
  assert.equal(title('time_limit', limit('wall_time', 10)), 'Stopped after 10 seconds: time limit');
  assert.equal(title('time_limit', limit('wall_time', 1)), 'Stopped after 1 second: time limit');
  assert.equal(
    title('time_limit', limit('cpu_time', 0.5)),
    'Stopped after 0.5 seconds of CPU time: time limit',
  );
  assert.equal(title('memory_limit', limit('memory', 128 * MB)), 'Killed: used more than 128 MB');
  assert.equal(title('memory_limit'), 'Killed: used more than 128 MB');
  assert.equal(title('output_limit', limit('output', 8 * MB)), 'Stopped: wrote more than 8 MB');
  assert.equal(title('sandbox_error'), 'The sandbox failed, not your program');
  assert.equal(title('not_started'), 'It did not run');
  assert.equal(title('cancelled'), 'Stopped by you');
  assert.equal(title('abandoned'), 'Lost');
});

test('what is not known is not made up', () => {
  const bare = { id: '', language: '', output: '', error: '' };
  assert.equal(verdict({ ...bare, status: 'time_limit' }).title, 'Stopped: time limit');
  assert.equal(verdict({ ...bare, status: 'memory_limit' }).title, 'Killed: used more than allowed');
  assert.equal(verdict({ ...bare, status: 'output_limit' }).title, 'Stopped: wrote more than allowed');
  assert.equal(verdict({ ...bare, status: 'brand_new' as Status }).title, 'brand new');
  assert.equal(label({ ...bare, status: 'brand_new' as Status }).word, 'brand new');
  const sentence = 'Execution timed out after 2.5 seconds.';
  assert.equal(
    verdict({ ...bare, status: 'time_limit', error: sentence }).title,
    'Stopped after 2.5 seconds: time limit',
  );
  assert.deepEqual(facts({ ...bare, status: 'running' }), []);
});

test('a failed program is explained by the last line it wrote', () => {
  const error =
    'Traceback (most recent call last):\n  File "main.py"\nOSError: [Errno 30] Read-only file system\n';
  assert.equal(
    verdict(execution('nonzero_exit', { exit_code: 1, error })).said?.text,
    'OSError: [Errno 30] Read-only file system',
  );
});

test('node signs its last words: the reason stands below its arrow', () => {
  const hint = (error: string) => verdict(execution('nonzero_exit', { exit_code: 1, error })).said?.text;
  const thrown =
    'node:fs:601\n  handle(ctx);\n  ^\n\nError: EROFS: read-only\n    at openSync {\n  errno: -30\n}\n';
  assert.equal(hint(`${thrown}\nNode.js v18.20.4\n`), 'Error: EROFS: read-only');
  const syntax = '/sandbox/main.js:1\nf("x)\n  ^^^\n\nSyntaxError: Invalid or unexpected token\n    at x\n';
  assert.equal(hint(`${syntax}\nNode.js v18.20.4\n`), 'SyntaxError: Invalid or unexpected token');
  assert.equal(hint('careful\n\nNode.js v18.20.4\n'), 'careful');
  assert.equal(hint('Node.js v18.20.4\n'), 'Node.js v18.20.4');
});

test('every status has a word for the history, and a tone', () => {
  const all: Status[] = [
    'completed',
    'nonzero_exit',
    'signal',
    'time_limit',
    'memory_limit',
    'output_limit',
    'disk_limit',
    'compile_error',
    'sandbox_error',
    'not_started',
    'cancelled',
    'rejected',
    'running',
    'abandoned',
  ];
  const words = all.map((status) => label(execution(status, { exit_code: 1, signal: 'SIGABRT' })).word);
  assert.equal(new Set(words).size, all.length);
});

test('our own sentence is never shown as what the program wrote', () => {
  const error = 'Execution timed out after 10 seconds.';
  assert.equal(stderrOf(execution('time_limit', { error, stderr: 'mine' })), 'mine');
  assert.equal(stderrOf(execution('time_limit', { error })), '');
  assert.equal(stderrOf(execution('sandbox_error', { error: 'Ours.' })), '');
  assert.equal(stderrOf(execution('not_started', { error: 'Ours.' })), '');
  assert.equal(stderrOf(execution('completed', { error: 'warning' })), 'warning');
});

test('the words of a server about its own doing are hints, not errors of the program', () => {
  for (const [status, error] of [
    ['cancelled', 'The caller went away. The run was stopped.'],
    ['sandbox_error', 'The sandbox was lost.'],
  ] as const) {
    assert.equal(stderrOf(execution(status, { error })), '');
    assert.equal(verdict(execution(status, { error })).hint, error);
  }
  assert.equal(stderrOf(execution('abandoned', { error: 'The service stopped.' })), '');
  assert.equal(stderrOf(execution('cancelled', { error: 'Stopped.', stderr: 'mine' })), 'mine');
});

test('what the kernel killed is told, and how a limit is known', () => {
  const usage = { wall_ms: 1, cpu_ms: 1, memory_bytes: 1, oom_kills: 1 };
  const killed = verdict(execution('completed', { usage }));
  assert.deepEqual(
    [killed.tone, killed.title],
    ['warn', 'Finished, but the kernel killed 1 of its processes for memory'],
  );
  assert.match(verdict(execution('nonzero_exit', { error: 'x', usage })).hint, /killed 1 of its processes/);
  const limit = { name: 'wall_time', value: 10, observed: 10.1, evidence: 'the program was still running' };
  assert.match(verdict(execution('time_limit', { limit })).hint, /comes\? The program was still running\.$/);
  const met = { limits_met: ['processes'], limits_met_evidence: ['fork was refused at 64 processes'] };
  const finished = verdict(execution('completed', met));
  assert.deepEqual([finished.tone, finished.hint], ['warn', 'Fork was refused at 64 processes.']);
});

test("nothing that a program wrote stands in the page's own words", () => {
  const error = '\x1b[31mboom\x1b[0m \u202eabc\n';
  const { title, hint, said } = verdict(execution('nonzero_exit', { exit_code: 2, error }));
  assert.deepEqual([title, hint, said?.text], ['Ended with exit code 2', '', 'boom ‹RLO›abc']);
  const long = verdict(execution('nonzero_exit', { exit_code: 2, error: 'x'.repeat(5000) })).said?.text ?? '';
  assert.ok(long.length <= 200);
});

test('a program that asked for input in vain is known by its words', () => {
  const asks = (error: string) => verdict(execution('nonzero_exit', { exit_code: 1, error })).wantsInput;
  assert.ok(asks('EOFError: EOF when reading a line\n'));
  assert.ok(asks('java.util.NoSuchElementException: No line found'));
  assert.equal(asks('ValueError: x'), undefined);
});

test('a compiler has the last word where a program does not compile', () => {
  const compile = { status: 'nonzero_exit', exit_code: 1, output: '', error: 'main.c:3:5: error: x\n' };
  const failed = execution('compile_error', { exit_code: 1, error: compile.error, compile });
  assert.equal(verdict(failed).title, 'It does not compile');
  assert.equal(stderrOf(failed), '', 'they have a section of their own');
  assert.equal(stderrOf(execution('compile_error', { error: 'x' })), 'x');
});

test('tests are told in one sentence', () => {
  const test = (verdict: string, more = {}) => ({ name: '', verdict, error: '', diagnostics: [], ...more });
  const tests = [test('passed'), test('wrong_answer', { difference: { line: 2, expected: 'a', got: 'b' } })];
  const summary = { passed: 1, failed: 1, skipped: 0, verdict: 'wrong_answer' };
  assert.equal(
    testsInShort(execution('completed', { tests, summary })),
    '1 of 2 tests passed: #2 differs at line 2.',
  );
});

test('screen readers hear the ending and how much was written', () => {
  const heard = announcement(execution('completed', { output: '4\n', bytes: { output: 2, error: 1 } }));
  assert.equal(heard, 'Finished. Output: 4. 1 byte of errors.');
  const long = { output: 'x'.repeat(500), bytes: { output: 500, error: 0 } };
  assert.equal(announcement(execution('completed', long)), 'Finished. 500 bytes of output.');
  const error = 'Traceback\nValueError: no\n';
  const diagnostics = [
    { file: 'main.py', line: 3, severity: 'error', message: 'ValueError: no', phase: 'run' },
  ];
  assert.equal(
    announcement(
      execution('nonzero_exit', { exit_code: 1, error, diagnostics, bytes: { output: 0, error: 25 } }),
    ),
    'Ended with exit code 1. Line 3: ValueError: no. 25 bytes of errors.',
    'the reason is in it',
  );
  assert.match(announcement(execution('completed', { output: '\x1b[2J\u202e' })), /‹ESC›\[2J‹RLO›/);
});

test('facts are what is known of the run', () => {
  const usage = { wall_ms: 3.14, cpu_ms: 2.2, memory_bytes: 8 * MB };
  const sandbox = { start: 'warm', runtime: 'runc', image: 'i', digest: 'd' };
  assert.deepEqual(facts(execution('completed', { exit_code: 0, usage, sandbox })), [
    ['Exit code', '0'],
    ['Wall time', '3.1 ms'],
    ['CPU time', '2.2 ms'],
    ['Peak memory', '8 MB of 128 MB'],
    ['Start', 'warm'],
  ]);
});

test('a cut stream says what is there and what is not', () => {
  const gap = { after_bytes: 49152, bytes: 8 * MB };
  const said = 'Cut: of 8.1 MB, the first 48 KB and the last 16 KB are shown.';
  assert.equal(truncation(65536, 8 * MB + 65536, gap), said);
  assert.equal(truncation(2048, 65536, undefined), 'Cut: 2 KB of 64 KB are shown.');
  assert.equal(
    truncation(100, 1100, { after_bytes: 100, bytes: 1000 }),
    'Cut: of 1.1 KB, the first 100 bytes are shown.',
  );
});

test('a stream is split at a byte, not at a character', () => {
  assert.deepEqual(splitAtByte(new TextEncoder().encode('añb'), 3), ['añ', 'b']);
  assert.deepEqual(splitAtByte(new TextEncoder().encode('\ufeffab'), 3), ['\ufeff', 'ab']);
  assert.deepEqual(splitAtByte(new Uint8Array([0xff, 0x61]), 1), ['�', 'a']);
});

test('the bar has every stage that took time, and all of them make one', () => {
  const timings = { queue: 0, acquire: 4, run: 4.9, collect: 0.1, record: 0.6, total: 10 };
  const parts = stages(timings);
  assert.deepEqual(
    parts.map((part) => part.key),
    ['acquire', 'run', 'collect', 'record', 'other'],
  );
  assert.ok(Math.abs(parts.reduce((sum, part) => sum + part.share, 0) - 1) < 0.01);
  assert.deepEqual(stages({ queue: 0, acquire: 0, run: 0, collect: 0, record: 0, total: 0 }), []);
});

test('stages that overlap never make more than a whole bar', () => {
  const parts = stages({ queue: 0, acquire: 5, run: 10, collect: 0, record: 8, total: 16 });
  assert.ok(parts.reduce((sum, part) => sum + part.share, 0) <= 1.0001);
});

test('progress stops at the limit', () => {
  assert.equal(progress(-5, 10), 0);
  assert.equal(progress(2500, 10), 0.25);
  assert.equal(progress(99_999, 10), 1);
});

test('numbers read as people write them', () => {
  assert.equal(format.bytes(0), '0 bytes');
  assert.equal(format.bytes(1), '1 byte');
  assert.equal(format.bytes(1536), '1.5 KB');
  assert.equal(format.bytes(128 * MB), '128 MB');
  assert.equal(format.milliseconds(0.42), '0.4 ms');
  assert.equal(format.milliseconds(999.6), '1 s');
  assert.equal(format.milliseconds(154.4), '154 ms');
  assert.equal(format.milliseconds(10_012), '10 s');
  assert.equal(format.milliseconds(1234), '1.23 s');
  assert.equal(format.clock(3449), '3.4 s');
  assert.equal(format.count(5000), '5,000');
});

test('times are told from near to far', () => {
  const now = new Date(2026, 10, 22, 12, 0, 0);
  const before = (s: number) => format.ago(new Date(now.getTime() - s * 1000), now);
  assert.equal(before(10), 'just now');
  assert.equal(before(50), '1 min ago');
  assert.equal(before(600), '10 min ago');
  assert.equal(before(3 * 3600), '09:00');
  assert.equal(before(40 * 3600), '20 Nov, 20:00');
});

test('an answer of the server becomes an execution', () => {
  const answer = {
    ...{ id: '0199', language: 'python', output: 'x', error: '', exit_code: 137, status: 'output_limit' },
    truncated: { output: true, error: false },
    bytes: { output: 9_000_000, error: 0 },
    omitted: { output: { after_bytes: 49152, bytes: 8_934_464 } },
    usage: { wall_ms: 3.1, cpu_ms: 2.2, memory_bytes: 8421376 },
    limits,
    limit: { name: 'output', value: 8 * MB, observed: 9_000_000, evidence: '…' },
    sandbox: { start: 'warm', runtime: 'runc', image: 'python:3.11-slim', digest: 'sha256:0' },
    timings_ms: { queue: 0, acquire: 4, run: 4.9, collect: 0.1, record: 0.6, total: 9.7 },
  };
  const read = decodeExecution(answer);
  assert.equal(read.omitted?.output?.after_bytes, 49152);
  assert.equal(read.truncated?.output, true);
  assert.equal(read.timings_ms?.total, 9.7);
  assert.equal('code' in read, false);
});

test('a record becomes an execution too, with less in it', () => {
  const record = {
    ...{
      language: 'javascript',
      code: 'x',
      output: '',
      error: '',
      exit_code: null,
      id: '1',
      status: 'running',
    },
    ...{
      time: '2025-02-12 21:00:00',
      source: 'sqs',
      wall_ms: null,
      output_truncated: true,
      error_truncated: false,
    },
  };
  const read = decodeExecution(record);
  assert.equal(read.started_at, '2025-02-12T21:00:00Z');
  assert.deepEqual(read.truncated, { output: true, error: false });
  assert.equal(read.exit_code, undefined);
  assert.equal(read.timings_ms, undefined);
});

test('nonsense is read without harm', () => {
  for (const nonsense of [null, 1, 'x', [], { usage: 3, limits: [], bytes: { output: 'x' }, omitted: {} }]) {
    const read = decodeExecution(nonsense);
    assert.deepEqual([read.id, read.usage, read.bytes, read.omitted], ['', undefined, undefined, undefined]);
    assert.equal(decodeOffer(nonsense), undefined);
  }
});

test('the languages and their limits are read from a list', () => {
  const offer = decodeOffer([
    {
      name: 'python',
      title: 'Python',
      aliases: ['py'],
      version: '3.11.2',
      entry_points: ['main.py'],
      extensions: ['py'],
      example: 'x',
      limits,
    },
    { name: 'lua' },
  ]);
  assert.equal(offer?.limits.memory_mb, 128);
  assert.equal(offer?.languages[0]?.entryPoints[0], 'main.py');
  assert.equal(offer?.languages[1]?.title, 'Lua');
});
