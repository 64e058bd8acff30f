/**
 * AddressSanitizer and UndefinedBehaviorSanitizer, on Linux with gcc: `node scripts/platforms/sanitizers.mjs [folder or file
 * below test/ ...]`. Fixtures and examples are built with them, and the tests run in a Node that has their libraries loaded,
 * so that plugins in that process are checked. A report of them is a failure.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runChecks, runSuites, saveResults } from './results.mjs';
import { ROOT, SCRATCH, checkout, run } from './steps.mjs';

const SUITES = ['isolation/both-homes.test.ts', 'plugin', 'capability', 'registry', 'loader', 'library'];
/** A child does not get the libraries of the sanitizers, so a plugin cannot be loaded there. */
const NOT_IN_A_CHILD = '^(?!.*(?:in a child|a child |a plugin (?:process|socket) )).*$';
const FLAGS = '-fsanitize=address,undefined -fno-omit-frame-pointer -g -O1';

const home = join(SCRATCH, 'sanitizers');
const reports = join(home, 'reports');

/** The libraries of the sanitizers are loaded before anything else, so a plugin may leave their symbols undefined. */
function build() {
  const folder = checkout('sanitizers');
  const kit = join(folder, 'cmake/aisopod_add_plugin.cmake');
  writeFileSync(kit, readFileSync(kit, 'utf8').replace('LINKER:-z,defs', 'LINKER:-z,lazy'));
  const flags = [`-DCMAKE_C_FLAGS=${FLAGS}`, `-DCMAKE_CXX_FLAGS=${FLAGS}`];
  run('cmake', ['-S', '.', '-B', 'build', '-G', 'Ninja', '-DCMAKE_BUILD_TYPE=RelWithDebInfo', ...flags], { cwd: folder });
  run(process.execPath, ['scripts/fixtures.mjs'], { cwd: folder });
  return folder;
}

const libraryOf = (name) => run('gcc', [`-print-file-name=${name}`]).trim();
const asan = (options) => `detect_leaks=0:detect_odr_violation=0:handle_segv=0:handle_abort=0:${options}`;
const PRELOAD = `${libraryOf('libasan.so')} ${libraryOf('libubsan.so')}`;
const ENV = {
  LD_PRELOAD: PRELOAD,
  ASAN_OPTIONS: asan(`log_path=${reports}/asan:halt_on_error=0:abort_on_error=0`),
  UBSAN_OPTIONS: `print_stacktrace=1:log_path=${reports}/ubsan`,
};

const folder = build();
const fixture = (name) => join(folder, 'build/fixtures', name);

/** Opens a plugin in this process and calls a tool. */
const CALL = `
  const { PluginHost } = require(process.argv[2]);
  const [, , , plugins, tool, params] = process.argv;
  (async () => {
    const own = require('node:fs').mkdtempSync(require('node:os').tmpdir() + '/aisopod-');
    const host = await PluginHost.open({ pluginDirs: [plugins], hostVersion: '1.0.0', isolation: 'in-process', quarantine: false, dataDir: own });
    for (let i = 0; i < 20; i++) await host.find('tool', tool).call(JSON.parse(params)).catch((error) => console.log(error.code));
    await host.close();
    require('node:fs').rmSync(own, { recursive: true, force: true });
    console.log('closed');
  })();`;

function prepareCall(name) {
  const plugins = join(home, `only-${name}`);
  rmSync(plugins, { recursive: true, force: true });
  cpSync(fixture(name), join(plugins, name), { recursive: true });
  const script = join(home, 'call.cjs');
  writeFileSync(script, CALL);
  return [script, join(ROOT, 'dist/index.js'), plugins];
}

/** A check that cannot fail proves nothing. */
function findsDoubleFree() {
  const [script, ...args] = prepareCall('crasher');
  let printed;
  try {
    printed = run(process.execPath, [script, ...args, 'worker', '{"fault":"double-free"}'], { env: { LD_PRELOAD: PRELOAD, ASAN_OPTIONS: asan('halt_on_error=1') } });
  } catch (error) {
    printed = error.message;
  }
  if (!printed.includes('attempting double-free')) throw new Error(`AddressSanitizer did not report a double free\n${printed}`);
}

function noReport() {
  const found = existsSync(reports) ? readdirSync(reports) : [];
  if (found.length > 0) throw new Error(found.map((name) => `${name}\n${readFileSync(join(reports, name), 'utf8').slice(0, 4000)}`).join('\n'));
}

rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const suites = process.argv.length > 2 ? process.argv.slice(2) : SUITES;
const rows = runSuites(suites, { runtime: 'ASan and UBSan', node: process.execPath, folder, env: ENV, pattern: NOT_IN_A_CHILD });
rows.push(runChecks('ASan and UBSan', 'reports', { 'a double free of a plugin is reported': findsDoubleFree, 'no other report in the suites': noReport }));
saveResults({ id: 'sanitizers', platform: 'Sanitizers, Linux x64', how: '`node scripts/platforms/sanitizers.mjs`: plugins in the process of the tests' }, rows);
