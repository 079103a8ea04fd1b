/**
 * A run as it goes on: events of the server as they come, and what the person says to the program. Over a WebSocket where
 * something may be typed, else as server-sent events; where a front hands answers over whole, all events come at the end.
 */

import type { Execution, RunRequest } from './contract.ts';
import { fromBase64 } from './logic/bytes.ts';
import { decodeExecution } from './logic/decode.ts';
import { EventReader, type LiveEvent } from './logic/events.ts';
import { ApiError, answerOf, fromResponse, fromSocket, unreachable } from './logic/problem.ts';
import { toWire } from './logic/request.ts';

export type StreamName = 'stdout' | 'stderr';

export interface Listener {
  /** It has an id, and its start is on record. */
  accepted: (id: string) => void;
  /** The compiler is at work, or the program is. */
  began?: (compiling: boolean) => void;
  output: (stream: StreamName, text: string) => void;
  /** Bytes that are left out here, because they came faster than they could be taken. */
  gap: (stream: StreamName, bytes: number) => void;
}

/** Thrown when a run was stopped on purpose: there is no outcome. */
export class Stopped extends Error {}

/** How long a stop waits for the last of the output. */
const STOP_WITHIN_MS = 3000;
/** A socket that has not opened by then will not. */
const OPEN_WITHIN_MS = 10_000;

/** What stands between has no sockets: it is not tried again. */
let noSockets = false;

export class LiveRun {
  readonly #base: string;
  readonly #request: RunRequest;
  readonly #listener: Listener;
  readonly #headers: Record<string, string>;
  readonly #abort = new AbortController();
  #socket: WebSocket | undefined;
  #stopping = false;
  /** Whether the compiler is at work: its words come whole, with the answer. */
  #compiling = false;
  #id = '';

  /** `base` is where the API lives, with a slash at its end; `headers` go with each call. */
  constructor(base: string, request: RunRequest, listener: Listener, headers: Record<string, string> = {}) {
    this.#headers = headers;
    this.#base = base;
    this.#request = request;
    this.#listener = listener;
  }

  /** Whether something may be typed. Known when the run has been accepted. */
  get canType(): boolean {
    return this.#socket !== undefined;
  }

  /** Runs it to its end. */
  async result(): Promise<Execution> {
    const typed = this.#request.live && this.#request.program.kind !== 'zip';
    // A browser's socket carries no headers.
    if (typed && !noSockets && Object.keys(this.#headers).length === 0) {
      const socket = await this.#open();
      if (socket) return await this.#talk(socket);
    }
    return await this.#fetch();
  }

  type(text: string): void {
    this.#send({ type: 'input', text });
  }

  endInput(): void {
    this.#send({ type: 'end_input' });
  }

  /** SIGINT, as Ctrl+C in a terminal. */
  interrupt(): void {
    this.#send({ type: 'signal', name: 'SIGINT' });
  }

  /** Ends it. What it has written comes before the end. */
  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    if (this.#socket) this.#send({ type: 'stop' });
    else if (this.#id) {
      const path = `${this.#base}history/${encodeURIComponent(this.#id)}`;
      void fetch(path, { method: 'DELETE', headers: this.#headers }).catch(() => this.#abort.abort());
    } else this.#abort.abort();
    window.setTimeout(() => {
      this.#abort.abort();
      this.#socket?.close();
    }, STOP_WITHIN_MS);
  }

  #send(message: Record<string, unknown>): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  // Over a socket

  #open(): Promise<WebSocket | undefined> {
    return new Promise((done) => {
      let socket: WebSocket;
      try {
        socket = new WebSocket(`${this.#base.replace(/^http/, 'ws')}run/live`, 'sce.v1');
      } catch {
        noSockets = true;
        done(undefined);
        return;
      }
      const failed = () => {
        noSockets = navigator.onLine;
        socket.close();
        done(undefined);
      };
      const timer = window.setTimeout(failed, OPEN_WITHIN_MS);
      socket.onerror = () => {
        clearTimeout(timer);
        failed();
      };
      socket.onopen = () => {
        clearTimeout(timer);
        done(socket);
      };
    });
  }

  #talk(socket: WebSocket): Promise<Execution> {
    if (this.#stopping) {
      socket.close();
      throw new Stopped();
    }
    this.#socket = socket;
    return new Promise((done, fail) => {
      socket.onmessage = (message) => {
        try {
          const { type, ...data } = JSON.parse(String(message.data)) as { type: string };
          const execution = this.#take({ name: type, data }, (body) => fromSocket(body));
          if (execution) done(execution);
        } catch (error) {
          fail(error);
        }
      };
      socket.onclose = ({ code, reason }) => {
        if (this.#stopping) fail(new Stopped());
        else if (code === 4400)
          fail(new ApiError(fromResponse(400, new Headers(), JSON.stringify({ error: reason }))));
        else fail(new ApiError(unreachable()));
      };
      const { stdin, ...wire } = JSON.parse(this.#wireOf()) as Record<string, unknown>;
      socket.send(JSON.stringify({ ...wire, input: 'live' }));
      if (typeof stdin === 'string') this.type(stdin);
    });
  }

  #wireOf(): string {
    const wire = toWire(this.#request);
    return wire.kind === 'json' ? wire.body : '{}';
  }

  // As server-sent events

  async #fetch(): Promise<Execution> {
    let response: Response;
    try {
      response = await fetch(`${this.#base}run`, {
        ...body(this.#request, this.#headers),
        signal: this.#abort.signal,
        cache: 'no-store',
      });
      if (!response.ok || !response.headers.get('content-type')?.startsWith('text/event-stream')) {
        return decodeExecution(await whole(response));
      }
      return await this.#read(response);
    } catch (error) {
      if (this.#stopping) throw new Stopped();
      if (error instanceof ApiError || error instanceof Stopped) throw error;
      throw new ApiError(unreachable());
    }
  }

  async #read(response: Response): Promise<Execution> {
    const reader = new EventReader();
    const decoder = new TextDecoder();
    const stream = response.body?.getReader();
    for (let part = await stream?.read(); part && !part.done; part = await stream?.read()) {
      for (const event of reader.read(decoder.decode(part.value, { stream: true }))) {
        const execution = this.#take(event, (body) => fromSocket(body));
        if (execution) return execution;
      }
    }
    throw new ApiError(unreachable());
  }

  /** The answer, when this event has it. */
  #take(
    { name, data }: LiveEvent,
    problem: (body: unknown) => ReturnType<typeof unreachable>,
  ): Execution | undefined {
    if (name === 'accepted') {
      this.#id = String(data.id ?? '');
      this.#listener.accepted(this.#id);
      if (this.#stopping && !this.#socket) this.#abort.abort();
    } else if (name === 'began') {
      this.#compiling = data.kind === 'compile';
      this.#listener.began?.(this.#compiling);
    } else if ((name === 'output' || name === 'gap') && this.#compiling) {
      return undefined;
    } else if (name === 'output') {
      this.#listener.output(streamOf(data.stream), textOf(data));
    } else if (name === 'gap') {
      this.#listener.gap(streamOf(data.stream), Number(data.bytes) || 0);
    } else if (name === 'result') {
      return decodeExecution(data);
    } else if (name === 'error') {
      if (data.code === 'cancelled') throw new Stopped();
      throw new ApiError(problem(data));
    }
    return undefined;
  }
}

function body(request: RunRequest, more: Record<string, string>): RequestInit {
  const wire = toWire(request);
  const accept = 'text/event-stream, application/json;q=0.9';
  if (wire.kind === 'json') {
    return {
      method: 'POST',
      headers: { ...more, 'content-type': 'application/json', accept },
      body: wire.body,
    };
  }
  const form = new FormData();
  for (const [name, value] of wire.fields) form.append(name, value);
  form.append('file', new Blob([wire.file.bytes], { type: 'application/zip' }), wire.file.name);
  return { method: 'POST', headers: { ...more, accept }, body: form };
}

/** An answer that is no stream of events. */
async function whole(response: Response): Promise<unknown> {
  return answerOf(response, await response.text());
}

function streamOf(name: unknown): StreamName {
  return name === 'error' ? 'stderr' : 'stdout';
}

function textOf({ text, base64 }: Record<string, unknown>): string {
  if (typeof text === 'string') return text;
  return typeof base64 === 'string'
    ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(fromBase64(base64))
    : '';
}
