// The official conformance suite, at both eras. What it wants beyond one tool (prompts, resources, diagnostic tools) is on the
// list of expected failures; a failure that is not, or one that no longer is one, fails this.
import { execFileSync } from "node:child_process";
import { BASE, announce } from "./common.mjs";

const run = (...rest) =>
  execFileSync(process.env.CONFORMANCE, ["server", "--url", BASE + "/mcp", ...rest], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
await announce("legacy");
run("--expected-failures", "conformance-2025-11-25.yaml", "--spec-version", "2025-11-25");
await announce("current");
run("--suite", "all", "--expected-failures", "conformance-2026-07-28.yaml", "--spec-version", "2026-07-28");
