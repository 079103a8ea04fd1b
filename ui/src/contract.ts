/** The shapes the server answers with (see docs/openapi.json), as far as the page reads them. */

export type Status =
  | 'completed'
  | 'nonzero_exit'
  | 'signal'
  | 'time_limit'
  | 'memory_limit'
  | 'output_limit'
  | 'sandbox_error'
  | 'not_started'
  | 'cancelled'
  | 'rejected'
  | 'running'
  | 'abandoned';

export interface LimitReached {
  name: string;
  /** Seconds or bytes. */
  value: number;
  observed: number;
  evidence?: string;
}

/** Bytes left out of a stream, and how many stand before them. */
export interface Gap {
  after_bytes: number;
  bytes: number;
}

export interface Limits {
  timeout_seconds: number;
  memory_mb: number;
  output_bytes: number;
}

export interface Timings {
  queue: number;
  acquire: number;
  run: number;
  collect: number;
  record: number;
  total: number;
}

/**
 * What is known of one execution. `POST /run` answers with all of it, a record of the history with less: every
 * part that only one of them has is optional, and what is not there is not shown.
 */
export interface Execution {
  id: string;
  language: string;
  status: Status;
  output: string;
  error: string;
  exit_code?: number | null;
  /** What the program wrote to stderr when `error` holds our own sentence instead (time limit). */
  stderr?: string;
  output_base64?: string;
  error_base64?: string;
  truncated?: { output: boolean; error: boolean };
  bytes?: { output: number; error: number };
  /** Where bytes were left out, when the server says so (a record does not). */
  omitted?: { output?: Gap; error?: Gap };
  usage?: { wall_ms: number; cpu_ms: number; memory_bytes: number };
  limits?: Limits;
  limit?: LimitReached;
  signal?: string;
  sandbox?: { start: string; runtime: string; image: string; digest: string };
  timings_ms?: Timings;
  /** Only in records: the file that was run, and when. */
  code?: string;
  started_at?: string;
  wall_ms?: number | null;
  source?: string;
}

export interface Language {
  name: string;
  title: string;
  aliases: string[];
  version: string;
  entryPoints: string[];
  extensions: string[];
  example: string;
}

export interface Offer {
  languages: Language[];
  limits: Limits;
}

/** What the person asked to run. */
export interface RunRequest {
  language: string;
  stdin: string;
  args: string[];
  program: Program;
}

export type Program =
  | { kind: 'code'; code: string }
  /** Files beside the code in the editor, or (when `code` is absent) instead of it. */
  | { kind: 'files'; code?: string; files: NamedFile[]; entrypoint?: string }
  | { kind: 'zip'; name: string; bytes: Uint8Array<ArrayBuffer>; entrypoint?: string };

export interface NamedFile {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** The bounds of the contract, felt on the page before the server says them. */
export const MAX_CODE_CHARS = 5000;
export const MAX_STDIN_BYTES = 64 * 1024;
export const MAX_ARGS = 64;
export const MAX_ARGS_BYTES = 16 * 1024;
export const MAX_FILES = 200;
export const MAX_ZIP_BYTES = 1024 * 1024;
export const MAX_PROJECT_BYTES = 8 * 1024 * 1024;
/** The most bytes of a request; base64 and quoting make files a third larger. */
export const MAX_BODY_BYTES = 6 * 1024 * 1024;
