/** What went wrong between the page and the program, in plain words, with what to do about it. */

import * as format from './format.ts';
import { inert } from './output/special.ts';

export interface Problem {
  kind: 'unreachable' | 'busy' | 'key' | 'refused' | 'ours' | 'missing';
  title: string;
  detail: string;
  /** Seconds after which trying again makes sense, when the server said so. */
  retryAfter?: number;
  requestId?: string;
}

/** Thrown by the API client for anything but an answer. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.title}. ${problem.detail}`);
    this.problem = problem;
  }
}

export function unreachable(): Problem {
  return {
    kind: 'unreachable',
    title: 'The server does not answer',
    detail:
      'It may be restarting, or you may be offline. Your code is safe here; this page looks again by itself.',
  };
}

/** Reads an answer that is not 2xx. Gateways in front of us have bodies of their own: `message`, or none. */
export function fromResponse(status: number, headers: Headers, body: string): Problem {
  const { sentence, requestId } = readBody(body);
  const retryAfter = readRetryAfter(headers.get('retry-after'));
  const extra = {
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(requestId === undefined ? {} : { requestId }),
  };
  if (status === 429) {
    const wait = retryAfter === undefined ? 'in a moment' : `in ${format.seconds(retryAfter)}`;
    return {
      kind: 'busy',
      title: 'All sandboxes are busy',
      detail: `As many programs run as this server allows. Nothing was started; try again ${wait}.`,
      ...extra,
    };
  }
  if (status === 401) {
    const detail = sentence ?? 'It runs code for those who have one.';
    return { kind: 'key', title: 'This server wants a key', detail, ...extra };
  }
  if (status === 403) {
    const detail = sentence ?? 'This server wants to know who you are before it runs code.';
    return { kind: 'refused', title: 'You may not do this here', detail, ...extra };
  }
  if (status === 404) {
    const detail = sentence ?? 'There is nothing at this address.';
    return { kind: 'missing', title: 'Not found', detail, ...extra };
  }
  if (status === 413) {
    return { kind: 'refused', title: 'Too large', detail: sentence ?? 'The request is too large.', ...extra };
  }
  if (status >= 400 && status < 500) {
    const detail = sentence ?? `The server refused the request (HTTP ${status}).`;
    return { kind: 'refused', title: 'Not run', detail, ...extra };
  }
  const title =
    status === 504 ? 'No answer in time' : status === 503 ? 'Not available right now' : 'The server failed';
  const cause = sentence ?? `It answered with HTTP ${status}.`;
  return { kind: 'ours', title, detail: `${cause} This is not your program's fault.`, ...extra };
}

/** Codes of the contract by the status that an answer of its own would have had. */
const STATUS_OF: Record<string, number> = {
  busy: 429,
  invalid_request: 400,
  invalid_json: 400,
  code_too_long: 400,
  unknown_language: 400,
  invalid_archive: 400,
  project_too_large: 413,
  archive_too_large: 413,
  body_too_large: 413,
  unauthorized: 401,
  deadline_exceeded: 504,
  sandbox_lost: 502,
  internal_error: 500,
};

/** What an answer says in JSON; a refusal is an `ApiError`, and so is what no server of ours has written. */
export function answerOf(response: Response, body: string): unknown {
  if (!response.ok) throw new ApiError(fromResponse(response.status, response.headers, body));
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new ApiError({
      kind: 'ours',
      title: 'The answer makes no sense',
      detail: 'Something other than the server answered: a proxy, or a log-in page?',
    });
  }
}

/** Reads an error that came as an event: the body is the same, the status is told by its code. */
export function fromSocket(body: unknown): Problem {
  const { code } = (body ?? {}) as { code?: unknown };
  return fromResponse(STATUS_OF[String(code)] ?? 503, new Headers(), JSON.stringify(body));
}

function readBody(body: string): { sentence?: string; requestId?: string } {
  try {
    const json: unknown = JSON.parse(body);
    if (typeof json !== 'object' || json === null) return {};
    const { error, message, request_id } = json as Record<string, unknown>;
    const said = typeof error === 'string' ? error : typeof message === 'string' ? message : undefined;
    const sentence = said === undefined ? undefined : inert(said); // it may name a file, or quote what was asked
    return {
      ...(sentence ? { sentence } : {}),
      ...(typeof request_id === 'string' ? { requestId: request_id } : {}),
    };
  } catch {
    return {};
  }
}

/** Seconds, or a date, as RFC 9110 has it; at most a minute, at least one second. */
function readRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.min(60, Math.max(1, Math.ceil(seconds))) : undefined;
}
