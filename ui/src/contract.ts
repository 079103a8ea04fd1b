/** The shapes the server answers with (see docs/openapi.json), as far as the page reads them. */

export type Status =
  | 'completed'
  | 'nonzero_exit'
  | 'signal'
  | 'time_limit'
  | 'memory_limit'
  | 'output_limit'
  | 'disk_limit'
  | 'compile_error'
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

/** A fault of the program and its place, read from what its language's own tools wrote. */
export interface Diagnostic {
  file: string;
  line: number;
  column?: number;
  severity: string;
  message: string;
  phase: string;
}

export interface Usage {
  wall_ms: number;
  cpu_ms: number;
  memory_bytes: number;
  /** Processes that the kernel killed for memory. */
  oom_kills?: number;
}

/** What the compiler did, before the program ran. */
export interface Compiled {
  status: string;
  exit_code?: number;
  output: string;
  error: string;
  usage?: Usage;
  limit?: LimitReached;
}

/** A file that the program has left. */
export interface LeftFile {
  name: string;
  size: number;
  media_type: string;
  /** Base64. */
  content: string;
}

export interface OmittedFile {
  name: string;
  size?: number;
  why: string;
}

/** What came of one test case. */
export interface TestResult {
  name: string;
  verdict: string;
  status?: string;
  exit_code?: number;
  output?: string;
  error: string;
  usage?: Usage;
  limit?: LimitReached;
  signal?: string;
  truncated?: { output: boolean; error: boolean };
  difference?: { line: number; expected: string; got: string };
  diagnostics: Diagnostic[];
  /** Why it was not run. */
  why?: string;
}

export interface TestSummary {
  passed: number;
  failed: number;
  skipped: number;
  verdict: string;
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
  usage?: Usage;
  limits?: Limits;
  limit?: LimitReached;
  /** Limits that it met and that did not end it, and how that is known, a sentence each. */
  limits_met?: string[];
  limits_met_evidence?: string[];
  diagnostics?: Diagnostic[];
  compile?: Compiled;
  files?: LeftFile[];
  files_omitted?: OmittedFile[];
  tests?: TestResult[];
  summary?: TestSummary;
  /** The test cases as they were asked for, where this browser knows them. */
  asked?: TestCases;
  signal?: string;
  sandbox?: { start: string; runtime: string; image: string; digest: string };
  timings_ms?: Timings;
  /** Only in records: the file that was run, and when. */
  code?: string;
  code_truncated?: boolean;
  started_at?: string;
  wall_ms?: number | null;
  source?: string;
}

export interface Language {
  name: string;
  title: string;
  aliases: string[];
  version: string;
  /** Whether programs in it can be run now. */
  available: boolean;
  /** Whether a compiler reads it first. */
  compiled: boolean;
  /** What a run in it may use at most; where nothing is said, what the offer says. */
  limits?: Limits;
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
  /** What is typed while it runs comes after `stdin`; `undefined` and `false`: its input ends there. */
  live?: boolean;
  limits?: Partial<Limits>;
  tests?: TestCases;
  /** Its folder can be written to, and what it leaves there is brought back. */
  collect?: boolean;
}

/** How outputs are compared. */
export type Compare = 'exact' | 'lines' | 'tokens' | 'numbers';

export interface TestCase {
  name: string;
  stdin: string;
  expected: string;
  /** Folded in the list. It is no secret: whoever has the link can read it. */
  hidden: boolean;
}

export interface TestCases {
  cases: TestCase[];
  compare: Compare;
  /** Of a test that fails only that is told, not its output. */
  reveal?: false;
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
