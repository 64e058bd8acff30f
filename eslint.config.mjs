import js from '@eslint/js';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** Top to bottom: a folder of src imports from the lines below its own; two on one line do not know each other. */
export const LAYERS = [
  ['cli'],
  ['mcp'],
  ['host'],
  ['isolation'],
  ['loader', 'registry'],
  ['native'],
  ['plugin'],
  ['capability'],
  ['invocation'],
  ['schema', 'payloads'],
  ['library'],
  ['quarantine'],
  ['trust'],
  ['triage'],
  ['scan'],
  ['manifest'],
  ['abi'],
  ['report'],
  ['watch'],
  ['log'],
  ['options'],
  ['files', 'machine'],
  ['errors'],
];

const KOFFI = { name: 'koffi', message: 'koffi is imported in src/library only; use what that folder exports.' };
const INDEX = { regex: '^(\\.\\./)+index\\.js$', message: 'An index is for those outside; import the file itself.' };
const UNPLACED = { regex: '^\\.\\./', message: 'Give this folder of src a line in LAYERS (eslint.config.mjs).' };

const KEPT = 'src/machine/node-timers.ts';
/** Fake timers replace what these modules export as well. */
const TIMERS = ['node:timers', 'node:timers/promises', 'node:perf_hooks'].map((name) => ({ name, message: `A host may have replaced its exports: use ${KEPT}.` }));

/** Globals that a host may replace (jsdom, a browser-like runtime, a test with fake timers), and the modules that have the real ones. */
const REPLACEABLE = {
  [KEPT]: ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate', 'performance'],
  'node:util': ['TextEncoder', 'TextDecoder'],
  'node:buffer': ['Buffer', 'Blob', 'atob', 'btoa'],
  'node:url': ['URL', 'URLSearchParams'],
};
const OWN_GLOBALS = Object.entries(REPLACEABLE).flatMap(([module, names]) =>
  names.map((name) => ({ name, message: `A host may have replaced this global: import it from ${module}.` })),
);

/** Long because they are one table, one contract, or one state machine. */
const LONG_FILES = [
  'src/errors/load-errors.ts',
  'src/isolation/wire/messages.ts',
  'src/invocation/invocation.ts',
];

/** Inside src/isolation: what each part must not know, beside what is above the whole of it. */
const PARTS_OF_ISOLATION = {
  sandbox: ['wire', 'supervisor', 'proxy', 'child', 'capability', 'invocation', 'plugin', 'native', 'registry', 'loader'],
  wire: ['supervisor', 'proxy', 'child', 'capability', 'invocation', 'plugin', 'native', 'registry', 'loader'],
  supervisor: ['proxy', 'child', 'capability', 'invocation', 'plugin', 'native', 'registry', 'loader'],
  child: ['supervisor', 'proxy'],
  proxy: [],
};

const restrict = (files, paths, patterns) => ({ files, rules: { 'no-restricted-imports': ['error', { paths, patterns }] } });

/** One block per folder: it may not import from its own line or above. */
function layerBlocks() {
  return LAYERS.flatMap((line, row) =>
    line.map((folder) => {
      const others = LAYERS.slice(0, row + 1).flat().filter((other) => other !== folder);
      const upward = { regex: `^(\\.\\./)+(${others.join('|')})/`, message: `Imports run downward: ${folder} is below or beside this.` };
      return restrict([`src/${folder}/**/*.ts`], folder === 'library' ? TIMERS : [KOFFI, ...TIMERS], others.length > 0 ? [INDEX, upward] : [INDEX]);
    }),
  );
}

function isolationBlocks() {
  const above = LAYERS.slice(0, LAYERS.findIndex((line) => line.includes('isolation'))).flat();
  return Object.entries(PARTS_OF_ISOLATION).map(([part, unknown]) => {
    const message = `isolation/${part} knows nothing of this: see docs/architecture.md.`;
    const patterns = [INDEX, { regex: `^(\\.\\./)+(${[...above, ...unknown].join('|')})/`, message }];
    // A proxy speaks through a Transport, whatever that is.
    const sockets = part === 'proxy' ? [{ name: 'node:net', message: 'A transport is opened in isolation/wire and isolation/supervisor.' }] : [];
    return restrict([`src/isolation/${part}/**/*.ts`], [KOFFI, ...TIMERS, ...sockets], patterns);
  });
}

export default tseslint.config(
  { ignores: ['src/schema/generated/', 'dist/', 'build/', 'node_modules/', 'templates/', 'test/corpus/', 'test/package/consumers/'] },
  js.configs.recommended,
  { files: ['**/*.mjs', '**/*.cjs', '**/*.js'], languageOptions: { globals: globals.node } },
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    // Rules that need types are in .oxlintrc.json.
    extends: [...tseslint.configs.recommended, ...tseslint.configs.stylistic],
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-control-regex': 'off',
      // The build is CommonJS, where a binding of such a name hides the module's own.
      'no-restricted-syntax': [
        'error',
        {
          selector:
            ':matches(VariableDeclarator > Identifier.id, ObjectPattern > Property > Identifier.value, Identifier.params)[name=/^(exports|module|require)$/]',
          message: 'In the CommonJS build this hides the module object of the same name.',
        },
        { selector: 'ImportDeclaration[source.value="zod"] > ImportSpecifier', message: "Write `import * as z from 'zod'`: the build leaves out what is not used." },
      ],
    },
  },
  { files: ['src/**/*.ts'], rules: { 'no-restricted-globals': ['error', ...OWN_GLOBALS] } },
  { files: ['src/**/*.ts'], ignores: LONG_FILES, rules: { 'max-lines': ['error', 200] } },
  { files: ['src/**/*.ts'], rules: { 'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true, IIFEs: true }] } },
  restrict(['src/*.ts', 'test/**/*.ts'], [KOFFI], []),
  restrict(['src/*/**/*.ts'], [KOFFI], [UNPLACED]),
  ...layerBlocks(),
  ...isolationBlocks(),
  { files: [KEPT], rules: { 'no-restricted-imports': 'off' } },
  { files: ['test/library/**/*.ts'], rules: { 'no-restricted-imports': 'off' } },
);
