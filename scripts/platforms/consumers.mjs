/**
 * Consumers of the packed package that need an installation of their own: `node scripts/platforms/consumers.mjs`. Each is a fresh
 * folder with the tarball and the newest release of its tool. `npm test -- test/package` runs the consumers that need none.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { consumerEnv, pack, project, requireAnswers } from './packed.mjs';
import { runChecks, saveResults } from './results.mjs';
import { HERE, npmInstall, run } from './steps.mjs';

const tarball = await pack();
const node = (folder, ...args) => run(process.execPath, args, { cwd: folder, env: consumerEnv(folder), timeoutMs: 240_000 });

function vitest() {
  const folder = project(tarball, ['vitest']);
  writeFileSync(join(folder, 'vitest.config.mjs'), "export default { test: { include: ['host.vitest.mjs'] } };\n");
  node(folder, 'node_modules/vitest/vitest.mjs', 'run');
}

function jest(file) {
  const folder = project(tarball, ['jest']);
  writeFileSync(join(folder, 'jest.config.json'), JSON.stringify({ testMatch: [`**/${file}`], transform: {}, moduleFileExtensions: ['js', 'mjs', 'cjs'] }));
  node(folder, '--experimental-vm-modules', 'node_modules/jest/bin/jest.js');
}

function tsx() {
  const folder = project(tarball, ['tsx']);
  requireAnswers(process.execPath, ['node_modules/tsx/dist/cli.mjs', 'typescript/host.mts'], folder);
}

/** Node 20.19 does not strip types, so this uses a newer one. */
function stripTypes(newNode) {
  const folder = project(tarball);
  requireAnswers(newNode, ['typescript/host.mts'], folder);
}

/** TypeScript for a bundler: checked by tsc, bundled by esbuild. */
function bundler() {
  const folder = project(tarball, ['typescript', 'esbuild', '@types/node@20']);
  node(folder, 'node_modules/typescript/bin/tsc', '-p', 'typescript/tsconfig.bundler.json');
  const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  run('node_modules/.bin/esbuild', ['typescript/host.mts', '--bundle', '--platform=node', '--format=esm', '--external:koffi', '--outfile=bundle.mjs', `--banner:js=${banner}`], { cwd: folder });
  requireAnswers(process.execPath, ['bundle.mjs'], folder);
}

/** A single executable application: koffi stays outside, and children run on the Node of this script. */
function singleExecutable(newNode) {
  const folder = project(tarball);
  // require() in such an application finds only modules of Node.
  const text = `const { createRequire } = require('node:module');
const outside = createRequire(process.env.CONSUMER_FOLDER + '/');
outside('./host.cjs')(outside('aisopod-plugin')).then((answers) => console.log(JSON.stringify(answers)));\n`;
  writeFileSync(join(folder, 'sea.cjs'), text);
  writeFileSync(join(folder, 'sea.json'), JSON.stringify({ main: 'sea.cjs', output: join(folder, 'app'), disableExperimentalSEAWarning: true }));
  run(newNode, ['--build-sea', 'sea.json'], { cwd: folder });
  const env = { ...consumerEnv(folder, { nodePath: process.execPath }), CONSUMER_FOLDER: folder };
  requireAnswers(join(folder, 'app'), [], folder, env);
}

const newNode = join(npmInstall('node-26', ['node@26']), 'node_modules/node/bin/node');
const row = runChecks(`Node ${process.versions.node}`, 'consumers of the packed package', {
  vitest,
  'jest, CommonJS': () => jest('host.jest.cjs'),
  'jest, ES modules': () => jest('host.jest.mjs'),
  tsx,
  'TypeScript for a bundler, by esbuild': bundler,
  'TypeScript run by Node 26 without a build': () => stripTypes(newNode),
  'a single executable application of Node 26, with nodePath': () => singleExecutable(newNode),
});
saveResults({ id: 'consumers', platform: `${HERE}: consumers`, how: '`node scripts/platforms/consumers.mjs`: fresh folders with the newest release of each tool' }, [row]);
