/**
 * `npm run mcp:check`: runs the official conformance suite and the command line of the official Inspector on
 * `aisopod-plugin mcp`. Installs both into this folder. Both need Node 22.19 or later: if this Node is older, name another one
 * with AISOPOD_NODE_FOR_MCP_TOOLS. The server runs on this Node.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ensureReady, installPackages, ROOT } from '../setup.mjs';
import { whyNotRun } from './scenarios.mjs';

const here = import.meta.dirname;
const command = join(ROOT, 'dist/cli/main.js');
const bin = (name) => join(here, 'node_modules/.bin', name);
const temporary = mkdtempSync(join(tmpdir(), 'aisopod-mcp-'));
const toolsNode = process.env.AISOPOD_NODE_FOR_MCP_TOOLS ?? process.execPath;
let failures = 0;

function requireNode() {
  const version = spawnSync(toolsNode, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim();
  const [major, minor] = version.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 19)) return;
  console.error(`The official tools need Node 22.19, and this is ${version}: name another one with AISOPOD_NODE_FOR_MCP_TOOLS.`);
  process.exit(2);
}

function report(ok, what, details = '') {
  console.log(`${ok ? 'passed ' : 'FAILED '} ${what}`);
  if (ok) return;
  failures++;
  console.log(details);
}

/** Starts the command over HTTP with the fixture that offers what the scenarios call. */
async function serve() {
  const plugins = join(temporary, 'plugins');
  cpSync(join(ROOT, 'build/fixtures/mcp-conformance'), join(plugins, 'mcp-conformance'), { recursive: true });
  const args = [command, 'mcp', '--http', '0', '--no-token', '--dir', plugins, '--data-dir', join(temporary, 'data')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'pipe'] });
  for await (const line of createInterface({ input: child.stderr })) {
    const url = /^serving (.*)$/.exec(line)?.[1];
    if (url !== undefined) return { url, stop: () => child.kill() };
    console.error(line);
  }
  throw new Error('aisopod-plugin mcp did not start');
}

const suite = (...args) => spawnSync(toolsNode, [bin('conformance'), ...args], { cwd: temporary, encoding: 'utf8', timeout: 300_000 });

async function checkConformance() {
  const names = [...suite('list', '--server').stdout.matchAll(/^ +- (\S+)/gm)].map(([, name]) => name);
  if (names.length === 0) throw new Error('the conformance suite lists no scenarios');
  const { url, stop } = await serve();
  for (const name of names) {
    const reason = whyNotRun(name);
    if (reason !== undefined) {
      console.log(`not run ${name}: ${reason}`);
      continue;
    }
    const { status, stdout, stderr } = suite('server', '--url', url, '--scenario', name);
    report(status === 0, name, `${stdout}${stderr}`);
  }
  stop();
}

/** The Inspector's answer to one method, parsed. */
function inspect(...args) {
  const server = [process.execPath, command, 'mcp', '--dir', join(ROOT, 'build/examples'), '--data-dir', join(temporary, 'data')];
  const { status, stdout, stderr } = spawnSync(toolsNode, [bin('mcp-inspector'), '--cli', ...server, ...args], { encoding: 'utf8', timeout: 300_000 });
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`the Inspector ended with ${status}: ${stdout}${stderr}`);
  }
}

function checkInspector() {
  const { tools } = inspect('--method', 'tools/list');
  report(tools.some(({ name }) => name === 'word_stats'), 'the Inspector lists word_stats', JSON.stringify(tools));
  const result = inspect('--method', 'tools/call', '--tool-name', 'word_stats', '--tool-arg', 'text=to be or not to be');
  report(result.structuredContent?.words === 6, 'the Inspector calls word_stats', JSON.stringify(result));
}

requireNode();
await ensureReady({ fixtures: true });
const whyNot = installPackages(here);
if (whyNot !== undefined) throw new Error(whyNot);
try {
  await checkConformance();
  checkInspector();
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
console.log(failures === 0 ? 'all passed' : `${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
