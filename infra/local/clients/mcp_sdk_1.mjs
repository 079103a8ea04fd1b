// TypeScript `@modelcontextprotocol/sdk` 1.x, the client of most hosts.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { BASE, allCases, announce, assert } from "./mcp_cases.mjs";

const require = createRequire(process.env.MODULES + "/");
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { Client } = await load("@modelcontextprotocol/sdk/client/index.js");
const { StreamableHTTPClientTransport } = await load("@modelcontextprotocol/sdk/client/streamableHttp.js");

await announce("connect");
const client = new Client({ name: "test", version: "1" });
await client.connect(new StreamableHTTPClientTransport(new URL(BASE + "/mcp")));
assert.deepEqual((await client.listTools()).tools.map((tool) => tool.name), ["run_code"]);
await allCases((args) => client.callTool({ name: "run_code", arguments: args }));
await client.close();
