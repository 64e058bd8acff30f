import { execFile } from 'node:child_process';
import { access, constants, readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { ABI_VERSION } from '../abi/version.js';
import { PluginError, messageOf, systemCode } from '../errors/index.js';
import { describeSupport } from '../host/sandbox/support.js';
import type { SandboxSupport } from '../isolation/sandbox/grants.js';
import { sandboxSupport } from '../isolation/sandbox/probe.js';
import { MEMORY_BYTES } from '../isolation/wire/slot-layout.js';
import { koffiSettingsProblem, koffiVersion, sharedMemoryProblem } from '../library/index.js';
import { PERMISSION_KEYS, type Enforcement } from '../report/permissions.js';
import { defaultPluginDirs } from '../scan/index.js';
import { hostTarget } from '../triage/index.js';
import { checkOwnership, ownershipIsChecked } from '../trust/ownership.js';
import { Exit, JSON_HELP, JSON_OPTION, flag, texts, type CliCommand } from './command.js';
import { printField } from './table.js';
import { printJson } from './terminal.js';

/** The result of one check. `absent`: optional and not found. Only `problem` makes the command fail. */
interface Check {
  readonly name: string;
  readonly status: 'ok' | 'absent' | 'problem';
  readonly detail: string;
}

const run = promisify(execFile);

export const doctor: CliCommand = {
  name: 'doctor',
  operands: '',
  summary: 'check this machine: Node, koffi, sandbox, plugin folders and their permissions, compilers',
  options: { ...JSON_OPTION, dir: { type: 'string', multiple: true } },
  optionHelp: [['--dir FOLDER', 'a folder that contains plugin folders; repeatable (default: AISOPOD_PLUGIN_PATH, AISOPOD_PLUGIN_PATHS, ~/.aisopod/plugins)'], JSON_HELP],
  examples: ['aisopod-plugin doctor'],
  arity: [0, 0],
  async run(args, terminal) {
    const checks = [
      ...platform(),
      transport(),
      sandboxCheck(sandboxSupport()),
      ...(await Promise.all((texts(args, 'dir') ?? defaultPluginDirs()).map(pluginDir))),
      ...(await Promise.all([tool('cmake', 'to build C and C++ plugins'), compiler(), tool('rustc', 'to build Rust plugins')])),
    ];
    if (flag(args, 'json')) printJson(terminal, { checks });
    else {
      for (const { name, status, detail } of checks) {
        const mark = { ok: terminal.out.style('green', '✓'), absent: terminal.out.style('yellow', '•'), problem: terminal.out.style('red', '✗') }[status];
        printField(terminal, name, detail, `${mark} `);
      }
      if (checks.every((check) => check.status !== 'problem')) terminal.out.line(terminal.out.style('green', 'no problems found'));
    }
    return checks.some((check) => check.status === 'problem') ? Exit.REFUSED : Exit.DONE;
  },
};

/** How the calls of a plugin in a process of its own travel. */
function transport(): Check {
  const problem = sharedMemoryProblem(MEMORY_BYTES);
  const name = 'transport';
  if (problem === undefined) return { name, status: 'ok', detail: 'isolated calls go through shared memory' };
  return { name, status: 'absent', detail: `isolated calls go through a socket, which takes longer: no shared memory, ${problem}` };
}

/** What the sandbox enforces here. */
export function sandboxCheck(support: SandboxSupport): Check {
  const name = 'sandbox';
  if (support.level === 'none') return { name, status: 'absent', detail: `sandbox: 'require' refuses every plugin: ${describeSupport(support)}` };
  const keys = (wanted: Enforcement): string => PERMISSION_KEYS.filter((key) => support.keys[key] === wanted).join(', ') || 'none';
  const detail = `${describeSupport(support)}; enforced: ${keys('enforced')}; partly: ${keys('partly')}; not enforced: ${keys('declared')}`;
  return { name, status: 'ok', detail };
}

function platform(): Check[] {
  const { libc } = hostTarget();
  const system = `${process.platform}-${process.arch}${libc === undefined ? '' : `, ${libc.flavour} ${libc.version ?? ''}`}`;
  return [
    { name: 'node', status: 'ok', detail: `${process.version} on ${system}` },
    { name: 'abi', status: 'ok', detail: `supports plugin ABI version ${ABI_VERSION}` },
    koffiSettingsProblem === undefined
      ? { name: 'koffi', status: 'ok', detail: koffiVersion }
      : { name: 'koffi', status: 'problem', detail: koffiSettingsProblem },
  ];
}

async function pluginDir(path: string): Promise<Check> {
  try {
    const entries = await readdir(path);
    await access(path, constants.R_OK | constants.X_OK);
    if (ownershipIsChecked) await checkOwnership([path]);
    return { name: 'folder', status: 'ok', detail: `${path}: ${entries.length} entries` };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { name: 'folder', status: 'absent', detail: `${path}: not found (optional)` };
    const hint = error instanceof PluginError ? ` → ${error.hint}` : '';
    return { name: 'folder', status: 'problem', detail: `${messageOf(error)}${hint}` };
  }
}

async function tool(name: string, purpose: string): Promise<Check> {
  try {
    const { stdout } = await run(name, ['--version'], { timeout: 10_000 });
    return { name, status: 'ok', detail: stdout.split('\n')[0] ?? '' };
  } catch {
    return { name, status: 'absent', detail: `not found (needed only ${purpose})` };
  }
}

async function compiler(): Promise<Check> {
  const names = [process.env.CC, 'cc', 'gcc', 'clang'].filter((name) => name !== undefined);
  for (const name of names) {
    const found = await tool(name, '');
    if (found.status === 'ok') return { ...found, name: 'compiler' };
  }
  const detail = process.platform === 'win32' ? 'no gcc or clang in PATH; CMake finds Visual Studio by itself' : 'no C compiler found (needed only to build C and C++ plugins)';
  return { name: 'compiler', status: 'absent', detail };
}
