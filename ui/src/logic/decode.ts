/**
 * Reads the server's answers into the page's shapes. The server is ours, but it may be older or newer than a page
 * left open in a tab: what is missing gets a sensible default, and nothing here throws for a field too many.
 */

import type {
  Compiled,
  Diagnostic,
  Execution,
  Gap,
  LeftFile,
  LimitReached,
  OmittedFile,
  Status,
  TestResult,
  TestSummary,
  Timings,
  Usage,
} from '../contract.ts';
import { asObject, type Json, known, list, number, some, text, texts } from './json.ts';
import { decodeLimits } from './offer.ts';

export function decodeExecution(value: unknown): Execution {
  const json = asObject(value);
  const execution: Execution = {
    id: text(json.id) ?? '',
    language: text(json.language) ?? '',
    status: (text(json.status) ?? 'completed') as Status,
    output: text(json.output) ?? '',
    error: text(json.error) ?? '',
  };
  const optional: { [K in keyof Execution]?: Execution[K] | undefined } = {
    exit_code: number(json.exit_code),
    stderr: text(json.stderr),
    output_base64: text(json.output_base64),
    error_base64: text(json.error_base64),
    truncated: streams(json.truncated, (v) => v === true) ?? cutInRecord(json),
    bytes: streams(json.bytes, (v) => number(v)),
    omitted: decodeOmitted(json.omitted),
    usage: decodeUsage(json.usage),
    limits: decodeLimits(json.limits),
    limit: decodeLimit(json.limit),
    limits_met: some(texts(json.limits_met)),
    limits_met_evidence: some(texts(json.limits_met_evidence)),
    diagnostics: some(list(json.diagnostics, decodeDiagnostic)),
    compile: decodeCompiled(json.compile),
    files: some(list(json.files, decodeFile)),
    files_omitted: some(list(json.files_omitted, decodeOmittedFile)),
    tests: some(list(json.tests, decodeTest)),
    summary: decodeSummary(json.summary),
    signal: text(json.signal),
    sandbox: decodeSandbox(json.sandbox),
    timings_ms: decodeTimings(json.timings_ms),
    code: text(json.code),
    code_truncated: json.code_truncated === true ? true : undefined,
    started_at: text(json.started_at) ?? fromTime(text(json.time)),
    wall_ms: number(json.wall_ms),
    source: text(json.source),
  };
  for (const [key, found] of Object.entries(optional)) {
    if (found !== undefined) Object.assign(execution, { [key]: found });
  }
  return execution;
}

function decodeUsage(value: unknown): Usage | undefined {
  const { wall_ms, cpu_ms, memory_bytes, oom_kills } = asObject(value);
  if (typeof wall_ms !== 'number' || typeof cpu_ms !== 'number' || typeof memory_bytes !== 'number') {
    return undefined;
  }
  const killed = number(oom_kills) ?? 0;
  return { wall_ms, cpu_ms, memory_bytes, ...(killed > 0 ? { oom_kills: killed } : {}) };
}

function decodeLimit(value: unknown): LimitReached | undefined {
  const { name, value: bound, observed, evidence } = asObject(value);
  if (typeof name !== 'string' || typeof bound !== 'number') return undefined;
  const known = text(evidence);
  return {
    name,
    value: bound,
    observed: number(observed) ?? bound,
    ...(known === undefined ? {} : { evidence: known }),
  };
}

function decodeDiagnostic(json: Json): Diagnostic | undefined {
  const file = text(json.file);
  const line = number(json.line);
  const message = text(json.message);
  if (file === undefined || line === undefined || message === undefined) return undefined;
  const column = number(json.column);
  return {
    file,
    line,
    ...(column === undefined ? {} : { column }),
    severity: text(json.severity) ?? 'error',
    message,
    phase: text(json.phase) ?? 'run',
  };
}

function decodeCompiled(value: unknown): Compiled | undefined {
  const json = asObject(value);
  const status = text(json.status);
  if (status === undefined) return undefined;
  return {
    status,
    output: text(json.output) ?? '',
    error: text(json.error) ?? '',
    ...known({
      exit_code: number(json.exit_code),
      usage: decodeUsage(json.usage),
      limit: decodeLimit(json.limit),
    }),
  };
}

function decodeFile(json: Json): LeftFile | undefined {
  const name = text(json.name);
  const content = text(json.content);
  if (name === undefined || content === undefined) return undefined;
  return { name, size: number(json.size) ?? 0, media_type: text(json.media_type) ?? '', content };
}

function decodeOmittedFile(json: Json): OmittedFile | undefined {
  const name = text(json.name);
  return name === undefined
    ? undefined
    : { name, why: text(json.why) ?? '', ...known({ size: number(json.size) }) };
}

function decodeTest(json: Json): TestResult | undefined {
  const verdict = text(json.verdict);
  if (verdict === undefined) return undefined;
  const { line, expected, got } = asObject(json.difference);
  const differs = typeof line === 'number' && typeof expected === 'string' && typeof got === 'string';
  return {
    name: text(json.name) ?? '',
    verdict,
    error: text(json.status) === 'time_limit' ? (text(json.stderr) ?? '') : (text(json.error) ?? ''),
    diagnostics: list(json.diagnostics, decodeDiagnostic),
    ...known({
      status: text(json.status),
      exit_code: number(json.exit_code),
      output: text(json.output),
      usage: decodeUsage(json.usage),
      limit: decodeLimit(json.limit),
      signal: text(json.signal),
      truncated: streams(json.truncated, (v) => v === true),
      difference: differs ? { line, expected, got } : undefined,
      why: text(json.why),
    }),
  };
}

function decodeSummary(value: unknown): TestSummary | undefined {
  const { passed, failed, skipped, verdict } = asObject(value);
  if (typeof passed !== 'number' || typeof failed !== 'number') return undefined;
  return { passed, failed, skipped: number(skipped) ?? 0, verdict: text(verdict) ?? '' };
}

function decodeSandbox(value: unknown): Execution['sandbox'] | undefined {
  const json = asObject(value);
  const start = text(json.start);
  if (start === undefined) return undefined;
  const { runtime, image, digest } = json;
  return { start, runtime: text(runtime) ?? '', image: text(image) ?? '', digest: text(digest) ?? '' };
}

function decodeTimings(value: unknown): Timings | undefined {
  const json = asObject(value);
  if (typeof json.total !== 'number') return undefined;
  const part = (key: string) => number(json[key]) ?? 0;
  return {
    queue: part('queue'),
    acquire: part('acquire'),
    run: part('run'),
    collect: part('collect'),
    record: part('record'),
    total: json.total,
  };
}

function streams<T>(
  value: unknown,
  read: (v: unknown) => T | undefined,
): { output: T; error: T } | undefined {
  const json = asObject(value);
  const output = read(json.output);
  const error = read(json.error);
  return output === undefined || error === undefined || !('output' in json) ? undefined : { output, error };
}

/** A record says it in two fields. */
function cutInRecord(json: Json): { output: boolean; error: boolean } | undefined {
  const { output_truncated: output, error_truncated: error } = json;
  return typeof output === 'boolean' && typeof error === 'boolean' ? { output, error } : undefined;
}

function decodeOmitted(value: unknown): Execution['omitted'] | undefined {
  const json = asObject(value);
  const gap = (side: unknown): Gap | undefined => {
    const { after_bytes, bytes } = asObject(side);
    return typeof after_bytes === 'number' && typeof bytes === 'number' ? { after_bytes, bytes } : undefined;
  };
  const output = gap(json.output);
  const error = gap(json.error);
  if (!output && !error) return undefined;
  return { ...(output ? { output } : {}), ...(error ? { error } : {}) };
}

/** `2025-02-12 21:00:00`, which is UTC. */
function fromTime(time: string | undefined): string | undefined {
  return time && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(time) ? `${time.replace(' ', 'T')}Z` : undefined;
}
