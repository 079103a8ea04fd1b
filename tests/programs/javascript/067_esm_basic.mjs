import fs, { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
console.log(import.meta.url, typeof require, typeof module, this, fileURLToPath(import.meta.url));
console.log(fs.readFileSync === readFileSync);
