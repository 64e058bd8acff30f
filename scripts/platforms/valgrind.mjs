/**
 * valgrind over a small host, on Linux: `node scripts/platforms/valgrind.mjs`. Good plugins and examples are loaded into the host's
 * process and called there. A report is a failure, and so is memory that a plugin has lost.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureReady } from '../setup.mjs';
import { runChecks, saveResults } from './results.mjs';
import { HERE, ROOT, SCRATCH, run } from './steps.mjs';

const home = join(SCRATCH, 'valgrind');

/**
 * A plugin is called on a stack of koffi's, near memory of others. Beyond this distance valgrind takes a new stack pointer for
 * another stack; by default it would take all that lies between for unused. Node's own frames are smaller.
 */
const MAX_FRAME_BYTES = 65_536;
/** Generated code is checked for changes, and there is little of it: V8 interprets. */
const FLAGS = [`--max-stackframe=${MAX_FRAME_BYTES}`, '--smc-check=all-non-file', '--leak-check=full', '--num-callers=30', '--error-limit=no', '--xml=yes'];

const PLUGINS = ['fixtures/good-c', 'fixtures/good-cpp', 'fixtures/kit-cpp', 'examples/word-stats', 'examples/find-text'];
const CALLS = [
  ['echo_inline', { a: 1 }],
  ['echo', { a: 1 }],
  ['owned', { bytes: 3000 }],
  ['pending', { ms: 0 }],
  ['stream', { count: 3 }],
  ['kit_echo', { a: 1 }],
  ['kit_later', {}],
  ['word_stats', { text: 'two words' }],
  ['find_text', { text: 'needle' }],
];

/** Opens the plugins in a folder in this process, and makes each call ten times. */
const HOST = `
  const { PluginHost } = require(process.argv[2]);
  const [, , , folder, calls] = process.argv;
  (async () => {
    const configs = { 'find-text': { folder: folder + '/texts' } };
    const host = await PluginHost.open({ pluginDirs: [folder + '/plugins'], hostVersion: '1.0.0', isolation: 'in-process', quarantine: false, dataDir: folder + '/data', config: configs });
    for (const [tool, params] of JSON.parse(calls)) for (let n = 0; n < 10; n++) await host.find('tool', tool).call(params).catch((error) => console.log(tool, error.code, error.message));
    await host.close();
    console.log('closed');
  })();`;

/** What valgrind reports of a host with these plugins that makes these calls, and what the host printed. */
function reportsOf(name, plugins, calls) {
  const folder = join(home, name);
  rmSync(folder, { recursive: true, force: true });
  for (const plugin of plugins) cpSync(join(ROOT, 'build', plugin), join(folder, 'plugins', plugin.split('/')[1]), { recursive: true });
  mkdirSync(join(folder, 'texts'));
  writeFileSync(join(folder, 'texts/a.txt'), 'a needle\n');
  writeFileSync(join(folder, 'host.cjs'), HOST);
  const file = join(folder, 'reports.xml');
  const { stdout: printed } = spawnSync('valgrind', [...FLAGS, `--xml-file=${file}`, process.execPath, '--jitless', join(folder, 'host.cjs'), join(ROOT, 'dist/index.js'), folder, JSON.stringify(calls)], { encoding: 'utf8' });
  const errors = readFileSync(file, 'utf8').split('<error>').slice(1);
  return { printed, reports: errors.map((error) => ({ kind: /<kind>(\w+)/.exec(error)?.[1] ?? '', stack: error.split('</stack>')[0] })) };
}

/** The stack of koffi's on which a plugin is called ends at the plugin's first frame or before it. */
const isOfHost = ({ stack }) => /<obj>[^<]*\/(?:node|koffi\.node)<\/obj>/.test(stack);
const isLeak = ({ kind }) => kind.startsWith('Leak_');
/** Node and koffi keep memory to the end of the process. */
const isLostByPlugin = (report) => report.kind === 'Leak_DefinitelyLost' && !isOfHost(report);

function noReport() {
  const { printed, reports } = reportsOf('good', PLUGINS, CALLS);
  if (printed.trim() !== 'closed') throw new Error(`a call failed: ${printed}`);
  const wrong = reports.filter((report) => !isLeak(report) || isLostByPlugin(report));
  if (wrong.length > 0) throw new Error(wrong.map(({ kind, stack }) => `${kind}\n${stack.slice(0, 2000)}`).join('\n'));
}

/** A check that cannot fail proves nothing. */
function finds(plugin, calls, isMeant) {
  const { reports } = reportsOf('faulty', [plugin], calls);
  if (!reports.some(isMeant)) throw new Error(`valgrind did not report what ${plugin} does: ${reports.map(({ kind }) => kind).join(', ')}`);
}
const findsDoubleFree = () => finds('fixtures/crasher', [['worker', { fault: 'double-free' }]], ({ kind }) => kind === 'InvalidFree');
const findsLostMemory = () => finds('mistakes/memory-lost', [['mistake', { text: 'lost' }]], isLostByPlugin);

await ensureReady({ fixtures: true });
const version = run('valgrind', ['--version']).trim().replace('-', ' ');
const row = runChecks(`${version}, Node ${process.versions.node}`, 'a host with five plugins in its process', { 'no report': noReport, 'a double free of a plugin is reported': findsDoubleFree, 'memory that a plugin has lost is reported': findsLostMemory });
saveResults({ id: 'valgrind', platform: `valgrind, ${HERE}`, how: '`node scripts/platforms/valgrind.mjs`: plugins in the process of a small host' }, [row]);
