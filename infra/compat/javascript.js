// What ordinary programs do, each once. Prints "ok NAME" or "FAILED NAME: why", line by line.
// Run as a program in a sandbox: a tighter seccomp profile must not break a line of it.
'use strict';
const assert = require('assert');
const { Worker } = require('worker_threads');
const child = require('child_process');
const { once } = require('events');
const { promisify } = require('util');
const crypto = require('crypto');
const dgram = require('dgram');
const fs = require('fs');
const http = require('http');
const net = require('net');
const os = require('os');
const stream = require('stream/promises');
const { Readable, Writable } = require('stream');
const zlib = require('zlib');

const tests = {
  async workerThreads() {
    const body = "const { parentPort, workerData } = require('worker_threads'); parentPort.postMessage(workerData * 2)";
    const workers = [1, 2].map((workerData) => new Worker(body, { eval: true, workerData }));
    const answers = await Promise.all(workers.map((worker) => once(worker, 'message')));
    assert.deepStrictEqual(answers, [[2], [4]]);
  },
  async sharedMemory() {
    const shared = new Int32Array(new SharedArrayBuffer(4));
    const body = "const { workerData } = require('worker_threads'); Atomics.store(workerData, 0, 7); Atomics.notify(workerData, 0)";
    const worker = new Worker(body, { eval: true, workerData: shared });
    await once(worker, 'exit');
    assert.strictEqual(Atomics.load(shared, 0), 7);
  },
  async childProcess() {
    assert.strictEqual(child.execFileSync('sh', ['-c', 'echo $((6*7))']).toString(), '42\n');
    assert.strictEqual((await promisify(child.exec)('cat </dev/null; echo x')).stdout, 'x\n');
    assert.strictEqual(child.spawnSync(process.execPath, ['-p', '1+1']).stdout.toString(), '2\n');
    // This very program, which knows itself as a child by its channel.
    assert.strictEqual((await once(child.fork(__filename), 'message'))[0], 5);
    const killed = child.spawn('sleep', ['60']);
    killed.kill('SIGTERM');
    assert.strictEqual((await once(killed, 'exit'))[1], 'SIGTERM');
  },
  async fsPromises() {
    assert((await fs.promises.readdir('/')).length > 5);
    assert((await fs.promises.readFile('/etc/passwd', 'utf8')).startsWith('root'));
    assert((await fs.promises.stat('/etc')).isDirectory() && (await fs.promises.realpath('/bin/sh')));
    await assert.rejects(fs.promises.writeFile('/tmp/x', ''), (e) => ['EROFS', 'EACCES'].includes(e.code));
    await assert.rejects(fs.promises.mkdir('/tmp/x'), (e) => ['EROFS', 'EACCES'].includes(e.code));
    await assert.rejects(fs.promises.unlink('missing'), (e) => e.code === 'ENOENT');
    await assert.rejects(fs.promises.copyFile('/etc/passwd', '/tmp/x'), (e) => ['EROFS', 'EACCES'].includes(e.code));
    let lines = 0;
    for await (const line of require('readline').createInterface({ input: fs.createReadStream('/etc/passwd') })) lines += line ? 1 : 0;
    assert(lines > 5);
    fs.watch('/etc').close();
  },
  async loopbackHttp() {
    const server = http.createServer((request, response) => response.end('hello')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${server.address().port}/`;
    assert.strictEqual(await (await fetch(url)).text(), 'hello');
    const [response] = await once(http.get(url), 'response');
    assert.strictEqual((await response.toArray()).join(''), 'hello');
    server.closeAllConnections();
    server.close();
  },
  async sockets() {
    const server = net.createServer((socket) => socket.pipe(socket)).listen('\0echo');
    await once(server, 'listening');
    const client = net.connect('\0echo');
    client.end('x');
    assert.strictEqual((await client.toArray()).join(''), 'x');
    server.close();
    const udp = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await once(udp, 'listening');
    udp.send('d', udp.address().port, '127.0.0.1');
    assert.strictEqual((await once(udp, 'message'))[0].toString(), 'd');
    udp.close();
    assert((await require('dns').promises.lookup('localhost')).address);
  },
  async webAssembly() {
    const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 6, 1, 4, 0, 65, 42, 11]);
    const { instance } = await WebAssembly.instantiate(bytes);
    assert.strictEqual(instance.exports.f(), 42);
  },
  async zlib() {
    const data = Buffer.alloc(100000, 'x');
    assert((await promisify(zlib.gunzip)(await promisify(zlib.gzip)(data))).equals(data));
    assert(zlib.brotliDecompressSync(zlib.brotliCompressSync(data)).equals(data));
    await stream.pipeline(Readable.from([data]), zlib.createGzip(), new Writable({ write: (chunk, encoding, done) => done() }));
  },
  async crypto() {
    assert(crypto.randomUUID() && crypto.createHash('sha256').update('x').digest('hex'));
    await promisify(crypto.scrypt)('p', 's', 32);
    await promisify(crypto.pbkdf2)('p', 's', 1000, 32, 'sha256');
    await promisify(crypto.generateKeyPair)('ec', { namedCurve: 'P-256' });
    assert(await crypto.webcrypto.subtle.digest('SHA-256', new Uint8Array(8)));
  },
  async timersAndSignals() {
    await Promise.all([require('timers/promises').setTimeout(5), require('timers/promises').setImmediate()]);
    const signal = once(process, 'SIGUSR2');
    process.kill(process.pid, 'SIGUSR2');
    await signal;
  },
  async system() {
    assert(os.cpus().length && os.totalmem() && os.uptime() && os.loadavg() && os.hostname() && os.userInfo);
    os.setPriority(1);
    assert.strictEqual(os.getPriority(), 1);
    assert(process.memoryUsage().rss && process.resourceUsage() && process.hrtime.bigint() && process.report.getReport());
    assert(new Intl.DateTimeFormat('de').format() && structuredClone({ a: 1 }) && require('v8').getHeapStatistics());
  },
  async garbageAndCode() {
    for (let round = 0; round < 20; round++) Array.from({ length: 50000 }, (_, n) => ({ n }));
    const hot = (n) => (n < 2 ? n : hot(n - 1) + hot(n - 2));
    assert.strictEqual(hot(24), 46368);
  },
};

async function main() {
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
      console.log('ok', name);
    } catch (error) {
      console.log(`FAILED ${name}: ${error.stack}`);
    }
  }
}
if (process.send) process.send(5, () => process.disconnect());
else main();
