// What the scripts of clients share: where the server is, the announcement of a case, and the programs.
import assert from "node:assert/strict";

export const BASE = process.env.BASE;
export const HELLO = "console.log('hello')";
export const ECHO = "console.log(require('fs').readFileSync(0, 'utf8').toUpperCase(), process.argv.slice(2))";
export const WRONG = "console.log('before'); null.x";
export const BROKEN = "console.log('before'";
export const ENDLESS = "console.log('begun'); for (;;);";
export const HUNGRY = "const x = []; for (;;) x.push(Buffer.alloc(1 << 20, 1));";
export const FLOOD = "for (;;) require('fs').writeSync(1, 'x'.repeat(1000));";
export const C_BROKEN = "int main(void) { return nothing; }\n";
export const SLOW = "console.log('begun'); setTimeout(() => console.log('ended'), 8000)";

/** Announces a case. With a condition the driver makes it true. */
export const announce = (name, condition = "") => fetch(`${BASE}/__case/${name}/${condition}`).then((r) => r.text());
export { assert };
