/** The API client for everything but running (see live.ts): every failure is an `ApiError` in plain words. */

import type { Execution } from './contract.ts';
import { keyHeaders } from './key.ts';
import { apiBase } from './logic/base.ts';
import { decodeExecution } from './logic/decode.ts';
import { ApiError, answerOf, unreachable } from './logic/problem.ts';

/** Where the API lives, with a slash at its end. */
export const base = apiBase(location.href);

export const runUrl = `${base}run`;

/** How long the server is asked to wait for the end of a run, in one request. */
const WAIT_SECONDS = 20;

/** The newest executions, newest first; the server allows at most 100. */
export async function history(limit: number): Promise<Execution[]> {
  const json = await call(`history?limit=${limit}`);
  return Array.isArray(json) ? json.map(decodeExecution) : [];
}

export async function execution(id: string): Promise<Execution> {
  return decodeExecution(await call(`history/${encodeURIComponent(id)}`));
}

/** The same when it has ended, or after a while. */
export async function executionWhenEnded(id: string): Promise<Execution> {
  return decodeExecution(await call(`history/${encodeURIComponent(id)}?wait=${WAIT_SECONDS}`));
}

/** Whether anybody answers at all. */
export async function answers(): Promise<boolean> {
  try {
    const response = await fetch(base, { cache: 'no-store', signal: AbortSignal.timeout(5000) });
    return response.status < 500;
  } catch {
    return false;
  }
}

async function call(path: string): Promise<unknown> {
  let response: Response;
  let body: string;
  try {
    response = await fetch(base + path, { cache: 'no-store', headers: keyHeaders() });
    body = await response.text();
  } catch {
    throw new ApiError(unreachable());
  }
  return answerOf(response, body);
}
