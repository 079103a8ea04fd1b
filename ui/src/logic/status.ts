/** What happened, in words a learner understands: the one place that turns outcomes into sentences. */

import type { Execution, Gap, Status } from '../contract.ts';
import * as format from './format.ts';
import { lastLine } from './text.ts';

export type Tone = 'idle' | 'run' | 'good' | 'warn' | 'bad';

export interface Verdict {
  tone: Tone;
  title: string;
  hint: string;
}

const SIGNALS: Record<string, string> = {
  SIGSEGV: 'It touched memory that is not its own (segmentation fault).',
  SIGABRT: 'It gave itself up (abort).',
  SIGKILL: 'It was killed, and not by one of our limits.',
  SIGFPE: 'It computed what cannot be computed, such as a division by zero.',
  SIGILL: 'It reached an instruction that this processor does not know.',
  SIGBUS: 'It touched memory in a way that does not work (bus error).',
  SIGSYS: 'It made a system call that the sandbox forbids.',
  SIGTERM: 'It was asked to end, by itself.',
  SIGPIPE: 'It wrote to a pipe that nobody reads.',
  SIGXFSZ: 'It tried to write a file larger than the sandbox allows.',
};

export function verdict(execution: Execution): Verdict {
  const { status, limit, limits } = execution;
  switch (status) {
    case 'completed':
      return { tone: 'good', title: 'Finished', hint: inShort(execution) };
    case 'nonzero_exit':
      return {
        tone: 'warn',
        title: `Ended with exit code ${execution.exit_code ?? '?'}`,
        hint: reason(stderrOf(execution)) || 'The program ended itself with this code and wrote no error.',
      };
    case 'signal': {
      const name = execution.signal ?? `signal ${(execution.exit_code ?? 128) - 128}`;
      return { tone: 'bad', title: `Ended by ${name}`, hint: SIGNALS[name] ?? 'A signal ended the program.' };
    }
    case 'time_limit': {
      const allowed = limit?.value ?? limits?.timeout_seconds ?? timeInSentence(execution.error);
      const time = allowed === undefined ? '' : ` after ${format.seconds(allowed)}`;
      const cpu = limit?.name === 'cpu_time' ? ' of CPU time' : '';
      return {
        tone: 'bad',
        title: `Stopped${time}${cpu}: time limit`,
        hint: 'A loop without end, or a wait for what never comes?',
      };
    }
    case 'memory_limit': {
      const allowed = limit?.value ?? (limits ? limits.memory_mb * 1024 * 1024 : undefined);
      const size = allowed === undefined ? ' than allowed' : ` than ${format.bytes(allowed)}`;
      return {
        tone: 'bad',
        title: `Killed: used more${size}`,
        hint: 'It reached the memory limit of the sandbox.',
      };
    }
    case 'output_limit': {
      const size = limit ? ` than ${format.bytes(limit.value)}` : ' than allowed';
      return {
        tone: 'bad',
        title: `Stopped: wrote more${size}`,
        hint: 'What it wrote first and last is below.',
      };
    }
    case 'sandbox_error':
      return {
        tone: 'bad',
        title: 'The sandbox failed, not your program',
        hint: execution.error || 'Something went wrong on our side. Run it again.',
      };
    case 'not_started':
      return {
        tone: 'bad',
        title: 'It did not run',
        hint: execution.error || 'No sandbox could be had. Run it again.',
      };
    case 'cancelled':
      return { tone: 'idle', title: 'Stopped by you', hint: 'The sandbox and everything in it are gone.' };
    case 'rejected':
      return {
        tone: 'bad',
        title: 'Refused',
        hint: execution.error || 'It was not a request that can be run.',
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

/** The word in the history: short, and never told by colour alone. */
export function label(execution: Execution): { tone: Tone; word: string } {
  const { tone } = verdict(execution);
  const words: Record<Status, string> = {
    completed: 'Finished',
    nonzero_exit: `Exit ${execution.exit_code ?? '?'}`,
    signal: execution.signal ?? 'Signal',
    time_limit: 'Time limit',
    memory_limit: 'Memory limit',
    output_limit: 'Output limit',
    sandbox_error: 'Sandbox failed',
    not_started: 'Did not run',
    cancelled: 'Stopped',
    rejected: 'Refused',
    running: 'Running',
    abandoned: 'Lost',
  };
  return { tone, word: words[execution.status] ?? unknownStatus(execution.status) };
}

/** The program's own stderr: where time ran out, `error` has our sentence and `stderr` what the program wrote. */
export function stderrOf(execution: Execution): string {
  if (execution.status === 'time_limit') return execution.stderr ?? '';
  if (['sandbox_error', 'not_started', 'rejected'].includes(execution.status)) return '';
  return execution.error;
}

/** Label and value pairs under the verdict; only what is known. */
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
  }
  if (sandbox) list.push(['Start', sandbox.start]);
  return list;
}

/** The one sentence a screen reader says when a run has ended. */
export function announcement(execution: Execution): string {
  const { title } = verdict(execution);
  const written = (n: number, stream: string) => (n > 0 ? ` ${format.bytes(n)} ${stream}.` : '');
  const out = execution.bytes?.output ?? execution.output.length;
  const err = execution.bytes?.error ?? stderrOf(execution).length;
  return `${title}.${written(out, 'of output')}${written(err, 'of errors')}`;
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

/** How long it took and how much it wrote, as far as that is known. */
function inShort(execution: Execution): string {
  const wall = execution.usage?.wall_ms ?? execution.wall_ms;
  const time = wall === undefined || wall === null ? '' : `It took ${format.milliseconds(wall)}`;
  const { output, error } = execution.bytes ?? {
    output: execution.output.length,
    error: execution.error.length,
  };
  const wrote = output + error === 0 ? 'wrote nothing' : `wrote ${format.bytes(output + error)}`;
  return time === '' ? `It ${wrote}.` : `${time} and ${wrote}.`;
}

/** A record of the history keeps the sentence, not the limits. */
function timeInSentence(sentence: string): number | undefined {
  const match = /after ([\d.]+) seconds?/.exec(sentence);
  return match ? Number(match[1]) : undefined;
}

function unknownStatus(status: string): string {
  return status.replaceAll('_', ' ');
}
