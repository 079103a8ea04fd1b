/** The API client: one function per call, every failure an `ApiError` in plain words. */

import type { Execution, Offer, RunRequest } from './contract.ts';
import { apiBase } from './logic/base.ts';
import { decodeExecution, decodeOffer } from './logic/decode.ts';
import { ApiError, fromResponse, unreachable } from './logic/problem.ts';
import { toWire } from './logic/request.ts';

const base = apiBase(location.href);

export const runUrl = `${base}run`;

/** Runs a program. Aborting the signal cancels it: the server ends the sandbox when the connection closes. */
export async function run(request: RunRequest, signal: AbortSignal): Promise<Execution> {
  const wire = toWire(request);
  if (wire.kind === 'json') {
    const headers = { 'content-type': 'application/json' };
    return decodeExecution(await call('run', { method: 'POST', headers, body: wire.body, signal }));
  }
  const form = new FormData();
  for (const [name, value] of wire.fields) form.append(name, value);
  form.append('file', new Blob([wire.file.bytes], { type: 'application/zip' }), wire.file.name);
  return decodeExecution(await call('run', { method: 'POST', body: form, signal }));
}

export async function offer(): Promise<Offer | undefined> {
  return decodeOffer(await call('languages'));
}

/** The newest executions, newest first; the server allows at most 100. */
export async function history(limit: number): Promise<Execution[]> {
  const json = await call(`history?limit=${limit}`);
  return Array.isArray(json) ? json.map(decodeExecution) : [];
}

export async function execution(id: string): Promise<Execution> {
  return decodeExecution(await call(`history/${encodeURIComponent(id)}`));
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

async function call(path: string, init: RequestInit = {}): Promise<unknown> {
  let response: Response;
  let body: string;
  try {
    response = await fetch(base + path, { cache: 'no-store', ...init });
    body = await response.text();
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new ApiError(unreachable());
  }
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
