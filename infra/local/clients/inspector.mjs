// `@modelcontextprotocol/inspector`, from its command line.
import { execFileSync } from "node:child_process";
import { BASE, allCases, announce, assert } from "./mcp_cases.mjs";

const inspect = (...rest) =>
  JSON.parse(execFileSync(process.env.INSPECTOR, ["--cli", BASE + "/mcp", "--transport", "http", ...rest], { encoding: "utf8" }));
await announce("connect");
assert.deepEqual(inspect("--method", "tools/list").tools.map((tool) => tool.name), ["run_code"]);

// Its exit code says that a tool failed; what it says of that is on its standard output all the same.
const call = (args) => {
  const given = Object.entries(args).map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  try {
    return inspect("--method", "tools/call", "--tool-name", "run_code", "--tool-arg", ...given);
  } catch (error) {
    return JSON.parse(error.stdout);
  }
};
await allCases(call);
