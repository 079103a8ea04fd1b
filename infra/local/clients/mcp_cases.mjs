// The cases of an MCP client: `call(arguments)` gives the result of a call.
import { BASE, BROKEN, C_BROKEN, ECHO, ENDLESS, FLOOD, HELLO, HUNGRY, SLOW, WRONG, announce, assert } from "./common.mjs";

const language = "javascript";

export async function allCases(call) {
  const report = async (name, code, rest = {}) => {
    await announce(name);
    const result = await call({ code, language, ...rest });
    assert.equal(result.isError ?? false, false);
    return result.structuredContent;
  };
  assert.equal((await report("hello", HELLO)).output, "hello\n");
  assert.equal((await report("stdin_and_args", ECHO, { stdin: "abc", args: ["x"] })).output, "ABC [ 'x' ]\n");
  const files = [{ name: "data.txt", content: "from a file" }];
  const reads = "console.log(require('fs').readFileSync('data.txt', 'utf8'))";
  assert.equal((await report("files", reads, { files })).output, "from a file\n");
  const wrong = await report("wrong_program", WRONG);
  assert.deepEqual([wrong.status, wrong.exit_code, wrong.output], ["nonzero_exit", 1, "before\n"]);
  assert.match((await report("syntax_error", BROKEN)).error, /SyntaxError/);
  const broken = await report("compile_error", C_BROKEN, { language: "c" });
  assert.equal(broken.status, "compile_error");
  assert.match(broken.error, /nothing/);
  assert.equal((await report("time_limit", ENDLESS, { timeout_seconds: 1 })).status, "time_limit");
  assert.equal((await report("memory_limit", HUNGRY)).status, "memory_limit");
  assert.equal((await report("output_limit", FLOOD)).status, "output_limit");
  await announce("overload", "busy");
  const busy = await call({ code: HELLO, language });
  assert.equal(busy.isError, true);
  assert.match(busy.content[0].text, /Nothing was run\. Try again in/);
  await announce("fault", "lost");
  const lost = await call({ code: SLOW, language });
  assert.equal(lost.isError, true);
  assert.match(lost.content[0].text, /may have run/);
  await announce("key", "key");
  await assert.rejects(async () => call({ code: HELLO, language }));
}
export { BASE, announce, assert };
