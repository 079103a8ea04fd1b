// Builds the bundle that the binary embeds, and says what it weighs.
//   node build.mjs                 sources → dist/
//   node build.mjs --check         builds elsewhere; fails when dist/ is not the same, byte for byte
//   node build.mjs --tests unit    the tests of test/ or e2e/, ready for node's test runner
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
/** What a first visit may weigh in all, compressed. */
const BUDGET = 250 * 1024;
const STATIC = ['index.html', 'icon.svg'];

function options(outdir) {
  return {
    absWorkingDir: here,
    entryPoints: ['src/app.ts', 'src/theme.ts', 'src/app.css'],
    outdir,
    bundle: true,
    format: 'iife',
    target: ['es2022', 'chrome123', 'firefox120', 'safari17.5'],
    charset: 'utf8',
    minify: true,
    legalComments: 'none', // licenses.txt has them, whole
    metafile: true,
    logLevel: 'warning',
  };
}

function finish(outdir, metafile) {
  for (const name of STATIC) {
    const text = readFileSync(join(here, 'static', name), 'utf8');
    writeFileSync(join(outdir, name), name.endsWith('.html') ? squeeze(text) : text);
  }
  writeFileSync(join(outdir, 'licenses.txt'), licenses(metafile));
}

/** The page needs no indentation: one line feed between elements says the same. */
function squeeze(html) {
  return html.replace(/\n\s+/g, '\n');
}

/** The licence text of every package that has a byte in the bundle, as their licences ask. */
function licenses(metafile) {
  const names = new Set();
  for (const output of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
      if (name && bytesInOutput > 0) names.add(name);
    }
  }
  const parts = [...names].sort().map((name) => {
    const folder = join(here, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} has no licence file: find out what may be done with it`);
    const text = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  const rule = `\n${'-'.repeat(80)}\n\n`;
  return `Software in this page, besides its own:\n${rule}${parts.join(rule)}`;
}

/** Prints what each file weighs; a page over its budget does not build. */
function weigh(folder) {
  let [raw, gzip, brotli] = [0, 0, 0];
  const line = (...cells) =>
    console.log(cells.map((cell, i) => String(cell)[i ? 'padStart' : 'padEnd'](14)).join(''));
  line('', 'bytes', 'gzip', 'brotli');
  for (const name of readdirSync(folder).sort()) {
    const bytes = readFileSync(join(folder, name));
    const sizes = [bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length];
    line(name, ...sizes);
    if (name === 'licenses.txt') continue; // read by people who ask for it, not by the page
    raw += sizes[0];
    gzip += sizes[1];
    brotli += sizes[2];
  }
  line('the page', raw, gzip, brotli);
  if (gzip > BUDGET) throw new Error(`the page weighs ${gzip} bytes compressed; ${BUDGET} are allowed`);
}

async function buildInto(outdir) {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const { metafile } = await build(options(outdir));
  finish(outdir, metafile);
}

async function check() {
  const fresh = mkdtempSync(join(tmpdir(), 'ui-dist-'));
  try {
    await buildInto(fresh);
    const names = new Set([...readdirSync(fresh), ...readdirSync(dist)]);
    const read = (folder, name) => {
      try {
        return readFileSync(join(folder, name));
      } catch {
        return Buffer.from('absent');
      }
    };
    const stale = [...names].filter((name) => !read(fresh, name).equals(read(dist, name)));
    if (stale.length > 0) {
      console.error(
        `ui/dist is not what the sources build: ${stale.join(', ')}. Run: npm run build (in ui/)`,
      );
      process.exit(1);
    }
    console.log('ui/dist is what the sources build.');
    weigh(dist);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

async function buildTests(kind) {
  const folder = { unit: 'test', e2e: 'e2e' }[kind];
  const outdir = join(here, '.tests', kind);
  rmSync(outdir, { recursive: true, force: true });
  const entryPoints = readdirSync(join(here, folder))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name));
  await build({
    absWorkingDir: here,
    entryPoints,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
}

const [flag, kind] = process.argv.slice(2);
if (flag === '--check') await check();
else if (flag === '--tests') await buildTests(kind);
else {
  await buildInto(dist);
  weigh(dist);
}
