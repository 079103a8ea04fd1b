// Builds the bundle that the binary embeds, and says what it weighs.
//   node build.mjs                 sources → dist/
//   node build.mjs --into DIR      the same into another folder (see SCE_UI_FROM_DISK in e2e/server.ts)
//   node build.mjs --check         builds elsewhere; fails when dist/ is not the same, byte for byte
//   node build.mjs --tests unit    the tests of test/, e2e/ or firefox/, ready for node's test runner
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
/** What a first visit in Python may weigh in all, packed; the scripts until a text can be written and run; and the element
 * for other sites' pages. */
const BUDGET = 180 * 1024;
const BOOT_BUDGET = 15 * 1024;
const EMBED_BUDGET = 12 * 1024;
const STATIC = ['index.html', 'icon.svg'];

function options(outdir) {
  return {
    absWorkingDir: here,
    entryPoints: [
      'src/app.ts',
      'src/theme.ts',
      'src/app.css',
      { in: 'src/embed/editor.ts', out: 'run-code-editor' },
    ],
    chunkNames: 'part-[name]-[hash]',
    splitting: true,
    outdir,
    bundle: true,
    format: 'esm',
    target: ['es2022', 'chrome123', 'firefox120', 'safari17.5'],
    charset: 'utf8',
    minify: true,
    legalComments: 'none', // licenses.txt has them, whole
    metafile: true,
    logLevel: 'warning',
  };
}

function finish(outdir, page, metafile) {
  for (const name of STATIC) {
    const text = readFileSync(join(here, 'static', name), 'utf8');
    writeFileSync(join(outdir, name), name.endsWith('.html') ? squeeze(preloading(text, page)) : text);
  }
  writeFileSync(join(outdir, 'licenses.txt'), licenses(metafile));
}

/**
 * Names the files of each layer to the browser, so that none is found out about only when another has come. What comes after
 * the boot has a low priority: it waits for the style sheet and the boot.
 */
function preloading(html, page) {
  const boot = filesOf(page, BOOT).filter((name) => !html.includes(name));
  const later = filesOf(page, LATER).filter((name) => !boot.includes(name) && !html.includes(name));
  const link = (more) => (name) => `<link rel="modulepreload"${more} href="ui/${name}">`;
  const links = [...boot.map(link('')), ...later.map(link(' fetchpriority="low"'))].join('\n');
  return html.replace('</head>', `${links}\n</head>`);
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

/** Prints what each file weighs. */
function weigh(folder) {
  const line = (...cells) =>
    console.log(cells.map((cell, i) => String(cell)[i ? 'padStart' : 'padEnd'](i ? 10 : 34)).join(''));
  line('', 'bytes', 'gzip', 'brotli');
  for (const name of readdirSync(folder).sort()) line(name, ...sizes(join(folder, name)));
}

function sizes(path) {
  const bytes = readFileSync(path);
  return [bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length];
}

/** What these entries are in, with all that they ask for at once. */
function filesOf({ outputs }, entries) {
  const path = (entry) => Object.keys(outputs).find((name) => outputs[name].entryPoint === entry);
  const files = new Set();
  const add = (name) => {
    if (!name || files.has(name)) return;
    files.add(name);
    for (const { path, kind } of outputs[name].imports) if (kind === 'import-statement') add(path);
  };
  for (const entry of entries) add(path(entry));
  return [...files].map((name) => basename(name));
}

/** The layers of a first visit: the text and what belongs to it; results and the editor; the grammar to begin with. */
const BOOT = ['src/app.ts', 'src/theme.ts'];
const LATER = ['src/result.ts', 'src/view/source/editor.ts'];
const FIRST_VISIT = [...BOOT, ...LATER, 'node_modules/@codemirror/lang-python/dist/index.js'];

/** A page that is over its budget does not build. */
function hold(folder, page, element) {
  const visit = [...filesOf(page, FIRST_VISIT), 'app.css', 'index.html', 'icon.svg'];
  const weight = visit.reduce((sum, name) => sum + sizes(join(folder, name))[2], 0);
  console.log(`a first visit: ${weight} bytes as brotli, of ${BUDGET} (${visit.length} files)`);
  if (weight > BUDGET) throw new Error(`a first visit weighs ${weight} bytes; ${BUDGET} are allowed`);
  const boot = filesOf(page, BOOT);
  const least = boot.reduce((sum, name) => sum + sizes(join(folder, name))[2], 0);
  console.log(`of it the boot: ${least} bytes as brotli, of ${BOOT_BUDGET} (${boot.length} files)`);
  if (least > BOOT_BUDGET) throw new Error(`the boot weighs ${least} bytes; ${BOOT_BUDGET} are allowed`);
  const parts = filesOf(element, ['src/embed/run-code.ts']);
  const embed = parts.reduce((sum, name) => sum + sizes(join(folder, name))[1], 0);
  console.log(`<run-code>: ${embed} bytes as gzip, of ${EMBED_BUDGET} (${parts.length} files)`);
  if (embed > EMBED_BUDGET) throw new Error(`<run-code> weighs ${embed} bytes; ${EMBED_BUDGET} are allowed`);
}

async function buildInto(outdir) {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const { metafile } = await build(options(outdir));
  // Apart: other sites' pages ask for this file, with the first run for one more, and for no other.
  const embed = await build({
    ...options(outdir),
    entryPoints: { 'run-code': 'src/embed/run-code.ts' },
    chunkNames: 'run-code-[name]-[hash]',
  });
  finish(outdir, metafile, { outputs: { ...metafile.outputs, ...embed.metafile.outputs } });
  hold(outdir, metafile, embed.metafile);
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
  const folder = { unit: 'test', e2e: 'e2e', firefox: 'firefox' }[kind];
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
else if (flag === '--into' && kind) await buildInto(kind);
else {
  await buildInto(dist);
  weigh(dist);
}
