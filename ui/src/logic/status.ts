/** What happened, in words a learner understands: the one place that turns outcomes into sentences. */

import type { Diagnostic, Execution, Gap, Status } from '../contract.ts';
import * as format from './format.ts';
import { inert } from './output/special.ts';
import { lastLine } from './text.ts';

export type Tone = 'idle' | 'run' | 'good' | 'warn' | 'bad';

export interface Verdict {
  tone: Tone;
  /** The page's own words. */
  title: string;
  /** The page's own words, or nothing. */
  hint: string;
  /** What the program itself said of it, made safe: shown as a quotation, never as the page's own words. */
  said?: { text: string; place?: Diagnostic };
  /** It asked for input, and there was none. */
  wantsInput?: true;
}

/** A quotation longer than this is cut. */
const MAX_SAID = 200;

const SIGNALS: Record<string, string> = {
  SIGSEGV: 'It touched memory that is not its own (segmentation fault).',
  SIGABRT: 'It gave itself up (abort).',
  SIGKILL: 'It was killed, and not by one of our limits.',
  SIGFPE: 'It computed what cannot be computed, such as a division by zero.',
  SIGILL: 'It reached an instruction that this processor does not know.',
  SIGBUS: 'It touched memory in a way that does not work (bus error).',
  SIGSYS: 'It made a system call that the sandbox forbids.',
  SIGTERM: 'It was asked to end, by itself.',
  SIGINT: 'It was interrupted.',
  SIGPIPE: 'It wrote to a pipe that nobody reads.',
  SIGXFSZ: 'It tried to write a file larger than the sandbox allows.',
};

/** How programs of several languages say that their input had ended. */
const NO_INPUT = /\bEOFError\b|NoSuchElementException|\bEndOfStreamException|\bEOF when reading a line\b/;

export function verdict(execution: Execution): Verdict {
  const { summary } = execution;
  if (!summary) return { ...own(execution), ...quotation(execution) };
  // Of test cases one line says all; each has an ending of its own in the list.
  const good = summary.failed + summary.skipped === 0;
  return { tone: good ? 'good' : 'warn', title: testsInShort(execution).replace(/\.$/, ''), hint: '' };
}

/** In the page's own words. */
function own(execution: Execution): Verdict {
  const { status, limit, limits } = execution;
  const evidence = [limit?.evidence, ...(execution.limits_met_evidence ?? [])].map(sentence).filter(Boolean);
  const because = (hint: string) => [hint, ...evidence].filter(Boolean).join(' ');
  switch (status) {
    case 'completed': {
      const killed = execution.usage?.oom_kills ?? 0;
      if (killed > 0) {
        const title = `Finished, but the kernel killed ${killed} of its processes for memory`;
        return { tone: 'warn', title, hint: because('') };
      }
      const met = execution.limits_met !== undefined;
      return { tone: met ? 'warn' : 'good', title: 'Finished', hint: because('') };
    }
    case 'nonzero_exit': {
      const killed = execution.usage?.oom_kills ?? 0;
      const silent = stderrOf(execution).trim() === '';
      const hint = silent ? 'The program ended itself with this code and wrote no error.' : '';
      const deaths = killed > 0 ? `The kernel killed ${killed} of its processes for memory.` : '';
      const title = `Ended with exit code ${execution.exit_code ?? '?'}`;
      return { tone: 'warn', title, hint: because([hint, deaths].filter(Boolean).join(' ')) };
    }
    case 'compile_error': {
      const title = limit ? `The compiler was stopped: ${limitWords(limit.name)}` : 'It does not compile';
      return { tone: 'bad', title, hint: because(limit ? '' : 'The program was not run.') };
    }
    case 'signal': {
      const name = inert(execution.signal ?? `signal ${(execution.exit_code ?? 128) - 128}`);
      const hint = because(SIGNALS[name] ?? 'A signal ended the program.');
      return { tone: 'bad', title: `Ended by ${name}`, hint };
    }
    case 'time_limit': {
      const allowed = limit?.value ?? limits?.timeout_seconds ?? timeInSentence(execution.error);
      const time = allowed === undefined ? '' : ` after ${format.seconds(allowed)}`;
      const cpu = limit?.name === 'cpu_time' ? ' of CPU time' : '';
      return {
        tone: 'bad',
        title: `Stopped${time}${cpu}: time limit`,
        hint: because('A loop without end, or a wait for what never comes?'),
      };
    }
    case 'memory_limit': {
      const allowed = limit?.value ?? (limits ? limits.memory_mb * 1024 * 1024 : undefined);
      const size = allowed === undefined ? ' than allowed' : ` than ${format.bytes(allowed)}`;
      return {
        tone: 'bad',
        title: `Killed: used more${size}`,
        hint: because('It reached the memory limit of the sandbox.'),
      };
    }
    case 'disk_limit': {
      const size = limit ? ` than ${format.bytes(limit.value)}` : ' than allowed';
      return { tone: 'bad', title: `Stopped: filled its folder with more${size}`, hint: because('') };
    }
    case 'output_limit': {
      const size = limit ? ` than ${format.bytes(limit.value)}` : ' than allowed';
      return {
        tone: 'bad',
        title: `Stopped: wrote more${size}`,
        hint: because('What it wrote first and last is below.'),
      };
    }
    case 'sandbox_error':
      return {
        tone: 'bad',
        title: 'The sandbox failed, not your program',
        hint: inert(execution.error) || 'Something went wrong on our side. Run it again.',
      };
    case 'not_started':
      return {
        tone: 'bad',
        title: 'It did not run',
        hint: inert(execution.error) || 'No sandbox could be had. Run it again.',
      };
    case 'cancelled':
      return {
        tone: 'idle',
        title: 'Stopped by you',
        hint: inert(execution.error) || 'The sandbox and everything in it are gone.',
      };
    case 'rejected':
      return {
        tone: 'bad',
        title: 'Refused',
        hint: inert(execution.error) || 'It was not a request that can be run.',
      };
    case 'running':
      return {
        tone: 'run',
        title: 'Still running',
        hint: 'Somewhere else: this page will show how it ends.',
      };
    case 'abandoned':
      return {
        tone: 'bad',
        title: 'Lost',
        hint: 'The server went away during this run, so nobody knows how it ended.',
      };
    default:
      return { tone: 'idle', title: unknownStatus(status), hint: '' };
  }
}

/** What the program said of its own ending, and the place that its language's tools named. */
function quotation(execution: Execution): Pick<Verdict, 'said' | 'wantsInput'> {
  if (!['nonzero_exit', 'compile_error', 'signal'].includes(execution.status)) return {};
  const place = execution.diagnostics?.find(({ severity }) => severity === 'error');
  const why = place?.message ?? reason(stderrOf(execution));
  if (why === '') return {};
  const text = inert(why);
  const said = {
    text: text.length > MAX_SAID ? `${text.slice(0, MAX_SAID - 1)}…` : text,
    ...(place ? { place } : {}),
  };
  return NO_INPUT.test(why) ? { said, wantsInput: true } : { said };
}

/** The word in the history: short, and never told by colour alone. */
export function label(execution: Execution): { tone: Tone; word: string } {
  const { tone } = verdict(execution);
  const words: Record<Status, string> = {
    completed: 'Finished',
    nonzero_exit: `Exit ${execution.exit_code ?? '?'}`,
    compile_error: 'Not compiled',
    signal: inert(execution.signal ?? 'Signal'),
    time_limit: 'Time limit',
    memory_limit: 'Memory limit',
    output_limit: 'Output limit',
    disk_limit: 'Disk limit',
    sandbox_error: 'Sandbox failed',
    not_started: 'Did not run',
    cancelled: 'Stopped',
    rejected: 'Refused',
    running: 'Running',
    abandoned: 'Lost',
  };
  const { summary } = execution;
  if (summary)
    return { tone, word: `Tests ${summary.passed}/${summary.passed + summary.failed + summary.skipped}` };
  return { tone, word: words[execution.status] ?? unknownStatus(execution.status) };
}

/** Endings of which `error` is a sentence of the server's own. */
const OURS: Status[] = [
  'time_limit',
  'sandbox_error',
  'not_started',
  'rejected',
  'cancelled',
  'abandoned',
  'running',
];

/** The program's own stderr: where `error` has our sentence, `stderr` has what the program wrote. */
export function stderrOf(execution: Execution): string {
  if (OURS.includes(execution.status)) return execution.stderr ?? '';
  // The compiler's words stand in a section of their own.
  if (execution.status === 'compile_error' && execution.compile) return '';
  return execution.error;
}

/** Beside the title: how long it took, and how much memory it held. */
export function inShort(execution: Execution): string {
  const wall = execution.usage?.wall_ms ?? execution.wall_ms;
  const time = wall === undefined || wall === null ? '' : format.milliseconds(wall);
  const memory = execution.usage ? format.bytes(execution.usage.memory_bytes) : '';
  return [time, memory].filter(Boolean).join(' · ');
}

/** Label and value pairs of the details; only what is known. */
export function facts(execution: Execution): [label: string, value: string][] {
  const { usage, sandbox, limits } = execution;
  const list: [string, string][] = [];
  if (execution.exit_code !== undefined && execution.exit_code !== null) {
    list.push(['Exit code', String(execution.exit_code)]);
  }
  const wall = usage?.wall_ms ?? execution.wall_ms;
  if (wall !== undefined && wall !== null) list.push(['Wall time', format.milliseconds(wall)]);
  if (usage) {
    list.push(['CPU time', format.milliseconds(usage.cpu_ms)]);
    const of = limits ? ` of ${format.bytes(limits.memory_mb * 1024 * 1024)}` : '';
    list.push(['Peak memory', `${format.bytes(usage.memory_bytes)}${of}`]);
    if (usage.oom_kills) list.push(['Killed for memory', String(usage.oom_kills)]);
  }
  if (execution.limits_met) list.push(['Limits met', execution.limits_met.join(', ')]);
  if (sandbox) list.push(['Start', sandbox.start]);
  return list;
}

/** Output up to this length is read out whole. */
const SPOKEN_CHARS = 200;

/** What a screen reader says when a run has ended: what happened, why, and a short output itself. */
export function announcement(execution: Execution): string {
  const { title, hint, said } = verdict(execution);
  const parts = [`${title}.`];
  if (said) parts.push(`${said.place ? `Line ${said.place.line}: ` : ''}${ended(said.text)}`);
  if (hint) parts.push(hint);
  const written = (text: string, n: number, one: string, many: string) => {
    if (n === 0) return;
    const words = inert(text.trim());
    const short = words !== '' && words.length <= SPOKEN_CHARS && !execution.truncated?.output;
    parts.push(short ? `${one}: ${ended(words)}` : `${format.bytes(n)} ${many}.`);
  };
  if (!execution.summary) {
    const { output, bytes } = execution;
    written(output, bytes?.output ?? output.length, 'Output', 'of output');
    const stderr = stderrOf(execution);
    if (!said) written(stderr, bytes?.error ?? stderr.length, 'Errors', 'of errors');
    else if (stderr !== '') parts.push(`${format.bytes(bytes?.error ?? stderr.length)} of errors.`);
  }
  return parts.join(' ');
}

/** All test cases in one sentence. */
export function testsInShort({ tests = [], summary }: Execution): string {
  if (!summary) return '';
  const all = summary.passed + summary.failed + summary.skipped;
  const bad = tests.findIndex(({ verdict }) => !['passed', 'ran', 'skipped'].includes(verdict));
  const first = tests[bad];
  const where = first?.difference
    ? ` differs at line ${first.difference.line}`
    : `: ${testWord(first?.verdict ?? '')}`;
  const why = first ? `: #${bad + 1}${where}` : '';
  return `${summary.passed} of ${all} tests passed${why}.`;
}

/** A test case's verdict as a word. */
export function testWord(verdict: string): string {
  const words: Record<string, string> = {
    passed: 'Passed',
    ran: 'Ran',
    wrong_answer: 'Wrong answer',
    time_limit: 'Time limit',
    memory_limit: 'Memory limit',
    output_limit: 'Output limit',
    disk_limit: 'Disk limit',
    runtime_error: 'Error',
    skipped: 'Skipped',
  };
  return words[verdict] ?? unknownStatus(verdict);
}

/** What a stream lost, said plainly. */
export function truncation(kept: number, total: number, gap: Gap | undefined): string {
  if (gap === undefined) return `Cut: ${format.bytes(kept)} of ${format.bytes(total)} are shown.`;
  const tail = kept - gap.after_bytes;
  const shape = `the first ${format.bytes(gap.after_bytes)}${tail > 0 ? ` and the last ${format.bytes(tail)}` : ''}`;
  return `Cut: of ${format.bytes(total)}, ${shape} are shown.`;
}

/**
 * The line that says why a program failed: the last one. Node puts its own version there; with it, the reason stands
 * below the arrow that points at the place.
 */
function reason(stderr: string): string {
  const [said, version] = stderr.trimEnd().split(/\n(?=Node\.js v\S+$)/);
  if (version === undefined) return lastLine(stderr);
  const [, below = said] = /\n *\^+\n\s*(.+)/.exec(said ?? '') ?? [];
  return lastLine(below ?? '');
}

function limitWords(name: string): string {
  const words: Record<string, string> = {
    wall_time: 'time limit',
    cpu_time: 'time limit',
    memory: 'memory limit',
    output: 'output limit',
    disk: 'disk limit',
  };
  return words[name] ?? unknownStatus(name);
}

/** As a sentence of its own. */
function sentence(words: string | undefined): string {
  if (!words) return '';
  const safe = inert(words);
  const capital = safe.charAt(0).toUpperCase() + safe.slice(1);
  return ended(capital);
}

function ended(words: string): string {
  return /[.!?]$/.test(words) ? words : `${words}.`;
}

/** A record of the history keeps the sentence, not the limits. */
function timeInSentence(sentence: string): number | undefined {
  const match = /after ([\d.]+) seconds?/.exec(sentence);
  return match ? Number(match[1]) : undefined;
}

function unknownStatus(status: string): string {
  return inert(status.replaceAll('_', ' '));
}
