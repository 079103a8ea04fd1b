// npm's piston-client: sends text/plain, arguments of its own, and no version where it is given an alias.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { BASE, C_BROKEN, ECHO, ENDLESS, FLOOD, HELLO, HUNGRY, SLOW, WRONG, announce, assert } from "./common.mjs";

const { piston } = await import(pathToFileURL(createRequire(process.env.MODULES + "/").resolve("piston-client")));

const client = piston({ server: BASE });
await announce("connect");
assert.deepEqual((await client.runtimes()).map((runtime) => runtime.language), ["python", "javascript", "c", "c++"]);
await announce("hello");
assert.equal((await client.execute("javascript", HELLO)).run.stdout, "hello\n");
await announce("alias");
assert.equal((await client.execute("js", HELLO)).run.stdout, "hello\n");
await announce("wrong_program");
const wrong = (await client.execute("js", WRONG)).run;
assert.deepEqual([wrong.stdout, wrong.code], ["before\n", 1]);
await announce("stdin_and_args");
const echo = { language: "javascript", files: [{ content: ECHO }], stdin: "abc", args: ["x"] };
assert.equal((await client.execute(echo)).run.stdout, "ABC\n [ 'x' ]\n");
await announce("files");
const files = [{ content: "console.log(require('fs').readFileSync('data.txt', 'utf8'))" }, { name: "data.txt", content: "from a file" }];
assert.equal((await client.execute({ language: "javascript", files })).run.stdout, "from a file\n");
await announce("compile_error");
assert.match((await client.execute("c", C_BROKEN)).compile.stderr, /nothing/);
await announce("memory_limit");
assert.equal((await client.execute("javascript", HUNGRY)).run.signal, "SIGKILL");
await announce("output_limit");
assert.equal((await client.execute("javascript", FLOOD)).run.signal, "SIGKILL");
await announce("time_limit");
const endless = { language: "javascript", files: [{ content: ENDLESS }], runTimeout: 1000 };
assert.equal((await client.execute(endless)).run.signal, "SIGKILL");
await announce("overload", "busy");
assert.ok(!(await client.execute("js", HELLO)).run);
await announce("fault", "lost");
assert.ok(!(await client.execute("js", SLOW, { runTimeout: 9000 })).run);
await announce("key", "key");
assert.ok(!(await client.execute("js", HELLO)).run);
