/** The demo itself: `node show.mjs <an empty folder>`. Exits with 0 if everything behaved as expected. */
import { cpSync, mkdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { PluginHost } from '../../dist/esm/index.mjs';
import { makePluginFolder } from './plugins.mjs';
import { printTable, rowOf } from './table.mjs';
import { heading, print, style } from './terminal.mjs';

const folder = process.argv[2];
const pluginDir = join(folder, 'plugins');
const dataDir = join(folder, 'data');
const surprises = [];

/** Checks that the demo shows what it claims to show. */
function expect(what, isSo) {
  if (!isSo) surprises.push(what);
}

function offersOf(host, id) {
  const named = (kind, list) => list.filter(({ pluginId }) => pluginId === id).map(({ name }) => `${kind} ${name}`);
  return [...named('tool', host.tools), ...named('command', host.commands), ...named('hook', host.hooks)].join(', ');
}

function showPlugins(host, { expected, skipped }) {
  const reports = host.report();
  const rows = reports.map((report) => rowOf(report, offersOf(host, report.id)));
  for (const [name, reason] of skipped) rows.push({ name, state: 'skipped', text: reason });
  heading(`Result: ${rows.filter(({ state }) => state === 'active').length} active`);
  printTable(rows.sort(byState));
  for (const [name, outcome] of expected) {
    const report = reports.find(({ path }) => basename(path) === name);
    expect(`${name} should be ${outcome}`, outcome === 'active' ? report?.state === outcome : report?.code === outcome);
  }
}

const rank = ({ state }) => (state === 'active' ? 0 : state === 'skipped' ? 1 : 2);
const byState = (a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1);

/** JSON with spaces, so that it can be wrapped. */
const asText = (value) => JSON.stringify(value).replaceAll(',"', ', "');

/** Calls the hook, then the tool, as a gateway would. */
async function callTool(host, name, params) {
  console.log(`\n${style('cyan', name)} ${asText(params)}`);
  const { vetoed } = await host.dispatch('BeforeToolExecute', { tool: name, params });
  if (vetoed !== undefined) {
    print('  vetoed ', `by ${vetoed.pluginId}: ${vetoed.reason}`, 9, 'yellow');
    return vetoed;
  }
  try {
    const onChunk = ({ bytes, words }) => console.log(style('dim', `  chunk  ${bytes} bytes, ${words} words so far`));
    const result = await host.find('tool', name).call(params, { onChunk });
    print('  result ', asText(result), 9, 'green');
    return result;
  } catch (error) {
    print('  error  ', `${error.code}: ${error.message}`, 9, 'red');
    return error;
  }
}

async function showTools(host) {
  heading('Tools: JSON in, JSON out, streamed chunks; never on the main thread');
  const counted = await callTool(host, 'word_stats', { file: 'plugin.h' });
  expect('word_stats should count plugin.h', counted.words > 1000);
  const unfit = await callTool(host, 'word_stats', { file: 42 });
  expect('the schema should refuse a number', unfit.code === 'ERR_INVALID_PARAMETERS');
  const outside = await callTool(host, 'word_stats', { file: '../../secret' });
  expect('the plugin should refuse a path', outside.code === 'ERR_INVOCATION_FAILED');
  if (host.find('tool', 'hash') === undefined) return;
  const { hash } = await callTool(host, 'hash', { text: 'The quick brown fox', algorithm: 'sha256' });
  expect('hash should be right', hash === '5cac4f980fedc3d3f1f99b4be3472c9b30d56523e632d151237ec9309048bda9');
}

async function showHook(host) {
  heading('A hook: BeforeToolExecute may veto');
  const vetoed = await callTool(host, 'word_stats', { text: 'my key is AKIAIOSFODNN7EXAMPLE' });
  expect('guard should veto a key', vetoed.pluginId === 'guard');
}

async function showCommand(host) {
  heading('A command: arguments in, text and an exit code out');
  for (const argv of [['explain', 'aws-access-key'], ['explain', 'nothing'], ['list']]) {
    console.log(`\n${style('cyan', `guard ${argv.join(' ')}`)}`);
    const onOutput = ({ stream, text }) => print('  ', text.trimEnd(), 2, stream === 'stderr' ? 'red' : undefined);
    const { exitCode } = await host.find('command', 'guard').run(argv, { onOutput });
    console.log(style('dim', `  exit code ${exitCode}`));
    expect(`guard ${argv.join(' ')} should end as documented`, exitCode === (argv[1] === 'nothing' ? 1 : 0));
  }
}

async function showEnd(host) {
  heading('Closing: refuse new calls, cancel, wait, shut down in reverse order');
  const { ended, failed } = await host.close();
  console.log(`  shut down: ${ended.join(', ')}; failed: ${failed.length}`);
  expect('every plugin should end', failed.length === 0 && ended.length > 0);
}

mkdirSync(join(dataDir, 'word-stats'), { recursive: true });
cpSync(resolve(import.meta.dirname, '../../include/aisopod/plugin.h'), join(dataDir, 'word-stats/plugin.h'));
const plugins = makePluginFolder(pluginDir);
heading(`A folder with ${plugins.expected.size} plugins, most of them broken in one way each: ${pluginDir}`);

const host = await PluginHost.open({ pluginDirs: [pluginDir], hostVersion: '1.0.0', dataDir });
showPlugins(host, plugins);
await showTools(host);
await showHook(host);
await showCommand(host);
await showEnd(host);

heading(surprises.length === 0 ? 'Everything behaved as expected.' : 'Some things did not behave as expected:');
for (const surprise of surprises) print('  ', surprise);
process.exitCode = surprises.length === 0 ? 0 : 1;
