// TypeScript `@modelcontextprotocol/client` 2.x: by default it begins with `initialize`; asked to, it looks for the current revision.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { BASE, allCases, announce, assert } from "./mcp_cases.mjs";

const require = createRequire(process.env.MODULES + "/");
const { Client, StreamableHTTPClientTransport } = await import(pathToFileURL(require.resolve("@modelcontextprotocol/client")));

const connected = async (options) => {
  const client = new Client({ name: "test", version: "1" }, options);
  await client.connect(new StreamableHTTPClientTransport(new URL(BASE + "/mcp")));
  return client;
};
await announce("legacy");
const legacy = await connected();
assert.deepEqual((await legacy.listTools()).tools.map((tool) => tool.name), ["run_code"]);
const first = await legacy.callTool({ name: "run_code", arguments: { code: "print(1)" } });
assert.equal(first.structuredContent.output, "1\n");
await legacy.close();
await announce("connect");
const client = await connected({ versionNegotiation: { mode: "auto" } });
assert.deepEqual((await client.listTools()).tools.map((tool) => tool.name), ["run_code"]);
await allCases((args) => client.callTool({ name: "run_code", arguments: args }));
await client.close();
