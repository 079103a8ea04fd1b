/** The real server, started on a free port with records of its own, and stopped by its process id. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createSocketServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const BINARY = resolve(process.env.SCE_SERVER ?? '../target/debug/safe-code-executor');
const START_WITHIN_MS = 180_000;
const STOP_WITHIN_MS = 60_000;

/** Screenshots and logs; ignored by git. */
export const OUT = resolve(process.env.SCE_UI_OUT ?? 'shots');
mkdirSync(OUT, { recursive: true });

/** A folder that the page comes from instead of the binary: then a change of it needs no build of the server. */
export const FROM_DISK = process.env.SCE_UI_FROM_DISK;

/** Whatever becomes of the tests, no server of theirs stays. */
const started = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of started) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

export class Server {
  readonly port: number;
  readonly #data = mkdtempSync(join(tmpdir(), 'sce-ui-'));
  readonly #extra: Record<string, string>;
  readonly #name: string;
  #process: ChildProcess | undefined;

  private constructor(name: string, port: number, extra: Record<string, string>) {
    this.#name = name;
    this.port = port;
    this.#extra = extra;
  }

  static async start(name: string, extra: Record<string, string> = {}): Promise<Server> {
    const server = new Server(name, await freePort(), extra);
    await server.start();
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    // No setting of whoever runs the tests: only what a test says, and where the engine is.
    const mine = Object.entries(process.env).filter(([name]) => !name.startsWith('SCE_'));
    const env = {
      ...Object.fromEntries(mine),
      SCE_LISTEN: `127.0.0.1:${this.port}`,
      SCE_DATA_DIR: this.#data,
      // Sandboxes of its own: what other servers on this engine do is no business of these tests, nor theirs of them.
      SCE_DEPLOYMENT: `ui-e2e-${process.pid}-${this.#name}`,
      SCE_POOL_SIZE: '1',
      // A machine with much else to do is slow, not busy.
      SCE_QUEUE_TIMEOUT_SECONDS: '60',
      ...this.#extra,
    };
    const log = createWriteStream(join(OUT, `server-${this.#name}.log`), { flags: 'a' });
    const child = spawn(BINARY, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    this.#process = child;
    started.add(child);
    child.once('exit', () => started.delete(child));
    let failure = '';
    child.on('error', (error) => {
      failure = error.message;
    });
    const deadline = Date.now() + START_WITHIN_MS;
    while (!(await this.#answers())) {
      if (child.exitCode !== null) failure = `it left with ${child.exitCode}; see ${log.path}`;
      if (failure === '' && Date.now() > deadline) failure = 'it did not answer in time';
      if (failure !== '') {
        await this.stop();
        throw new Error(`${BINARY} did not start: ${failure}`);
      }
      await sleep(100);
    }
  }

  /** As an operator does: asks it to end, and waits until it has. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await gone;
    clearTimeout(timer);
  }

  /** Waits until this many programs run on it. */
  async runs(programs: number): Promise<void> {
    for (let running = -1; running !== programs; ) {
      const health = (await (await fetch(`${this.origin}/health`)).json()) as { docker: { running: number } };
      running = health.docker.running;
      if (running !== programs) await sleep(100);
    }
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.#data, { recursive: true, force: true });
  }

  async #answers(): Promise<boolean> {
    try {
      return (await fetch(`${this.origin}/`)).ok;
    } catch {
      return false;
    }
  }
}

/** What API Gateway does with a stage: it stands before the path, and the function does not see it. */
export async function stageProxy(
  port: number,
  stage: string,
): Promise<{ origin: string; close: () => void }> {
  const proxy = createServer((incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (!incoming.url?.startsWith(`${stage}/`)) {
      outgoing.writeHead(403, { 'content-type': 'application/json' });
      outgoing.end('{"message":"Missing Authentication Token"}');
      return;
    }
    const { method, headers } = incoming;
    const options = { host: '127.0.0.1', port, method, headers, path: incoming.url.slice(stage.length) };
    const forward = request(options, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forward.on('error', () => outgoing.destroy());
    incoming.pipe(forward);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const close = () => {
    proxy.closeAllConnections();
    proxy.close();
  };
  return { origin: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, close };
}

/** Where the engine of this machine listens, as the server itself would find it. */
function engineSocket(): string {
  const host = process.env.DOCKER_HOST ?? '';
  return host.startsWith('unix://') ? host.slice('unix://'.length) : '/var/run/docker.sock';
}

/** A way to the Docker engine that can be cut. */
export async function engineProxy(): Promise<{ host: string; cut: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'sce-engine-'));
  const path = join(folder, 'docker.sock');
  const open = new Set<Socket>();
  const proxy = createSocketServer({ allowHalfOpen: true }, (inner) => {
    const outer = connect({ path: engineSocket(), allowHalfOpen: true });
    for (const socket of [inner, outer]) {
      open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => open.delete(socket));
    }
    inner.pipe(outer).pipe(inner);
  });
  proxy.listen(path);
  await once(proxy, 'listening');
  const cut = () => {
    proxy.close();
    for (const socket of open) socket.destroy();
    rmSync(folder, { recursive: true, force: true });
  };
  return { host: `unix://${path}`, cut };
}

function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

async function freePort(): Promise<number> {
  const probe = createSocketServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
