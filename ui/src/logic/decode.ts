/**
 * Reads the server's answers into the page's shapes. The server is ours, but it may be older or newer than a page
 * left open in a tab: what is missing gets a sensible default, and nothing here throws for a field too many.
 */

import type { Execution, Gap, Language, LimitReached, Limits, Offer, Status, Timings } from '../contract.ts';

type Json = Record<string, unknown>;

export const DEFAULT_LIMITS: Limits = { timeout_seconds: 10, memory_mb: 128, output_bytes: 65536 };

export function decodeOffer(json: unknown): Offer | undefined {
  const list = Array.isArray(json) ? json : asObject(json).languages;
  if (!Array.isArray(list)) return undefined;
  const languages = list.map((entry) => decodeLanguage(asObject(entry))).filter((l) => l.name !== '');
  if (languages.length === 0) return undefined;
  const limits = asObject(json).limits ?? asObject(list[0]).limits;
  return { languages, limits: decodeLimits(limits) ?? DEFAULT_LIMITS };
}

function decodeLanguage(json: Json): Language {
  const name = text(json.name) ?? text(json.language) ?? '';
  return {
    name,
    title: text(json.title) ?? name.charAt(0).toUpperCase() + name.slice(1),
    aliases: texts(json.aliases),
    version: text(json.version) ?? '',
    entryPoints: texts(json.entry_points ?? json.entrypoints),
    extensions: texts(json.extensions),
    example: text(json.example) ?? text(asObject(json.example).code) ?? '',
  };
}

export function decodeLimits(value: unknown): Limits | undefined {
  const json = asObject(value);
  const { timeout_seconds, memory_mb, output_bytes } = json;
  if (typeof timeout_seconds !== 'number' || typeof memory_mb !== 'number') return undefined;
  return {
    timeout_seconds,
    memory_mb,
    output_bytes: number(output_bytes) ?? DEFAULT_LIMITS.output_bytes,
  };
}

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
    signal: text(json.signal),
    sandbox: decodeSandbox(json.sandbox),
    timings_ms: decodeTimings(json.timings_ms),
    code: text(json.code),
    started_at: text(json.started_at) ?? fromTime(text(json.time)),
    wall_ms: number(json.wall_ms),
    source: text(json.source),
  };
  for (const [key, found] of Object.entries(optional)) {
    if (found !== undefined) Object.assign(execution, { [key]: found });
  }
  return execution;
}

function decodeUsage(value: unknown): Execution['usage'] | undefined {
  const { wall_ms, cpu_ms, memory_bytes } = asObject(value);
  if (typeof wall_ms !== 'number' || typeof cpu_ms !== 'number' || typeof memory_bytes !== 'number') {
    return undefined;
  }
  return { wall_ms, cpu_ms, memory_bytes };
}

function decodeLimit(value: unknown): LimitReached | undefined {
  const { name, value: bound, observed } = asObject(value);
  if (typeof name !== 'string' || typeof bound !== 'number') return undefined;
  return { name, value: bound, observed: number(observed) ?? bound };
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

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : [];
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
