/**
 * Builds dist/, which is published: five programs of one file each (to read 300 small ones takes longer than to run them), their declarations, and an ES module wrapper that re-exports the package by name. Dependencies stay outside, except zod.
 * The package is CommonJS alone, because koffi's types and the host's callbacks are global to the process:
 * if a host imports the package and its dependency requires it, both must get the same objects.
 *
 * Also builds build/modules/, one file for each source, for tests and benchmarks of single modules.
 */
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DRAFT_FILE, writeDraftValidators } from './draft-validators.mjs';
import { TSC } from './tsc.mjs';

const root = resolve(import.meta.dirname, '..');
const dist = resolve(root, 'dist');
const modules = resolve(root, 'build/modules');
/**
 * The package with aisopod-plugin/mcp, the program of a child, the one that a sandboxed child begins with, the command, and the
 * program of one check of `validate`.
 */
const PROGRAMS = {
  bundle: 'bundle',
  'isolation/child/main': 'isolation/child/main',
  'isolation/sandbox/launcher': 'isolation/sandbox/launcher',
  'cli/main': 'cli/main',
  'cli/validate/child': 'cli/validate/child',
};
const GENERATED = 'schema/generated';
const require = createRequire(import.meta.url);

function compile() {
  const { status } = spawnSync(process.execPath, [TSC, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  // tsc does not copy JavaScript files.
  cpSync(resolve(root, 'src', GENERATED), resolve(modules, GENERATED), { recursive: true, filter: (file) => !file.endsWith('.d.cts') });
  for (const folder of [dist, modules]) writeFileSync(resolve(folder, 'package.json'), '{ "type": "commonjs" }\n');
}

/**
 * What takes long to load and is not needed at once: Ajv, of 60 files, before the first schema is compiled, and HTTP before an MCP
 * server listens. Each is loaded when one of these names is read.
 */
const LOADED_LATER = { ajv: ['Ajv'], 'ajv/dist/2020.js': ['Ajv2020'], 'node:http': ['createServer'] };

const loadLater = {
  name: 'load later',
  setup({ onResolve, onLoad }) {
    const namespace = 'later';
    onResolve({ filter: /^/ }, ({ path, namespace: from }) => (from !== namespace && Object.hasOwn(LOADED_LATER, path) ? { path, namespace } : undefined));
    onLoad({ filter: /^/, namespace }, ({ path }) => {
      const getters = LOADED_LATER[path].map((name) => `get ${name}() { return require('${path}').${name}; }`);
      return { contents: `module.exports = { ${getters.join(', ')} };`, resolveDir: root };
    });
  },
};

/**
 * Becomes part of the programs, without what they do not use: a fifth of its code. Its files are 95, half of them messages in other
 * languages, and to load them takes as long as to load everything else. Sources import it as `import * as z`: esbuild keeps all of
 * `{ z }`. The declarations name its types, so it stays a dependency.
 */
const INLINED = 'zod';

/** Files of their own, which the programs load when a schema is checked: as parts of them they would be parsed at each start. */
const VALIDATORS = resolve(dist, 'schema');
const MARK = 'validators:';
const validatorsApart = {
  name: 'validators apart',
  setup({ onResolve }) {
    onResolve({ filter: DRAFT_FILE }, ({ path }) => ({ path: `${MARK}${basename(path)}`, external: true }));
  },
};

const { dependencies, peerDependencies } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'));
const EXTERNAL = Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => name !== INLINED);

/** esbuild's helper also visits what a library has added to Object.prototype, and then fails. */
const INHERITED = /for \(var (\w+) in all\)/g;

/** Only comments still have such characters: esbuild escapes them elsewhere. With one beyond Latin-1, V8 keeps two bytes for every character. */
const inAscii = (text) => text.replaceAll('\u2026', '...').replace(/[\u0080-\u{10ffff}]/gu, '-');

/** Each program is bundled by itself: a process runs one of them. */
async function bundle() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(Object.entries(PROGRAMS).map(([program, source]) => [program, `src/${source}.ts`])),
    outdir: dist,
    bundle: true,
    external: EXTERNAL,
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    // The MCP SDK is loaded with require(), like everything else: import() does not work in every CommonJS program (jest).
    supported: { 'dynamic-import': false },
    logLevel: 'warning',
    plugins: [loadLater, validatorsApart],
    write: false,
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    const program = text.replace(INHERITED, 'for (var $1 of Object.keys(all))').replaceAll(MARK, `./${relative(dirname(path), VALIDATORS).replaceAll('\\', '/')}/`);
    writeFileSync(path, inAscii(program), { mode: text.startsWith('#!') ? 0o755 : 0o644 });
  }
}

/** The entry points of the package: the file for `require`, what it takes from the bundle, and the names that it exports. */
const ENTRIES = [
  { entry: 'index', file: 'index.js', source: "require('./bundle.js')", namesIn: (bundled) => Object.keys(bundled).filter((name) => name !== 'mcp') },
  { entry: 'mcp', file: 'mcp/index.js', source: "require('../bundle.js').mcp", namesIn: ({ mcp }) => Object.keys(mcp) },
];

/**
 * For each entry point a file for `require`, and a wrapper for `import`. Both list the names: the wrapper so that it does not
 * export what Node adds (`default`, `module.exports`), and the file because Node parses the text of a CommonJS file that is
 * imported for the names of its exports, which for the whole bundle takes longer than to run it.
 */
async function writeFaces() {
  const bundled = require(resolve(dist, 'bundle.js'));
  mkdirSync(resolve(dist, 'esm'));
  for (const { entry, file, source, namesIn } of ENTRIES) {
    const names = namesIn(bundled).sort();
    const lines = (line) => names.map((name) => `${line(name)}\n`).join('');
    writeFileSync(resolve(dist, file), `"use strict";\nconst bundle = ${source};\n${lines((name) => `exports.${name} = bundle.${name};`)}`);
    const face = resolve(dist, `esm/${entry}.mjs`);
    writeFileSync(face, `export {\n${lines((name) => `  ${name},`)}} from '../${file}';\n`);
    writeFileSync(resolve(dist, `esm/${entry}.d.mts`), `export * from '../${file}';\n`);
    // Importing the wrapper proves that Node found all names.
    await import(pathToFileURL(face).href);
  }
}

// Empty the folders first: otherwise the output of deleted sources would be published.
for (const folder of [dist, modules]) rmSync(folder, { recursive: true, force: true });
writeDraftValidators(resolve(root, 'src', GENERATED));
compile();
await bundle();
cpSync(resolve(root, 'src', GENERATED), VALIDATORS, { recursive: true, filter: (path) => !statSync(path).isFile() || DRAFT_FILE.test(path) });
cpSync(resolve(root, 'node_modules', INLINED, 'LICENSE'), resolve(dist, `${INLINED}.LICENSE`)); // it asks for this
await writeFaces();
