import { PluginSandbox } from '../host/sandbox/plugin-sandbox.js';
import type { HostFolders } from '../host/sandbox/protected-folders.js';
import { isMode, modeOf, type SandboxMode, type SandboxOptions } from '../host/sandbox/sandbox-options.js';
import { absolutePath, homeFolder, inHome, pathOption } from '../options/folders.js';
import { stateFolder } from '../quarantine/index.js';
import { PERMISSION_KEYS, type PermissionKey } from '../report/permissions.js';
import type { Candidate } from '../scan/index.js';
import { foldersOf } from './candidate-named.js';
import { UsageError, flag, text, texts, type Arguments } from './command.js';

/** Options of the commands that run plugins. */
export const SANDBOX_OPTIONS = {
  sandbox: { type: 'string' },
  grant: { type: 'string', multiple: true },
} as const;
export const SANDBOX_HELP = [
  ['--sandbox MODE', 'off, best-effort or require (default: best-effort; docs/sandbox.md)'],
  ['--grant PERMISSION', "grant what the manifest asks for: a permission such as 'read ~/Notes', or all; repeatable (default: nothing)"],
] as const;

/** Only what is given. @throws UsageError */
export function sandboxOptions(args: Arguments): SandboxOptions {
  const mode = text(args, 'sandbox');
  const grants = texts(args, 'grant');
  return { ...(mode !== undefined && { sandbox: modeNamed(mode) }), ...(grants !== undefined && { grants: granting(grants) }) };
}

function modeNamed(mode: string): SandboxMode {
  if (isMode(mode)) return mode;
  throw new UsageError(`--sandbox must be off, best-effort or require, not ${mode}`);
}

function granting(grants: readonly string[]): NonNullable<SandboxOptions['grants']> {
  const items = grants.filter((grant) => grant !== 'all').map(permissionIn);
  const lists = Object.fromEntries(PERMISSION_KEYS.map((key) => [key, items.filter((one) => one.key === key).map(({ item }) => item)]));
  return (_candidate, asked) => (grants.includes('all') ? asked : lists);
}

function permissionIn(grant: string): { readonly key: PermissionKey; readonly item: string | number } {
  const [name = '', ...rest] = grant.split(' ');
  const key = PERMISSION_KEYS.find((one) => one === name);
  const item = rest.join(' ');
  if (key === undefined || item === '') throw new UsageError(`--grant must be all, or one of ${PERMISSION_KEYS.join(', ')} and what is granted, not ${grant}`);
  return { key, item: key === 'listen' ? Number(item) : item };
}

/** The sandbox of the only plugin of a command; `undefined` for none. @throws UsageError */
export function sandboxFor(candidate: Candidate, args: Arguments, dataDir: string | undefined): PluginSandbox | undefined {
  const { sandbox, grants } = sandboxOptions(args);
  const mode = modeOf(sandbox, candidate);
  if (mode === 'off') return undefined;
  const isolation = flag(args, 'in-process') ? 'in-process' : 'process';
  return new PluginSandbox(candidate, { mode, isDefault: sandbox === undefined, isolation, grants, limitsCalls: false, folders: foldersFor(args, dataDir), variables: texts(args, 'env') ?? [], shared: undefined });
}

/** What the plugin may not write to. A user without a home folder has none of the default folders. */
function foldersFor(args: Arguments, given: string | undefined): HostFolders {
  const hasHome = homeFolder() !== undefined;
  const dataDir = given === undefined ? inHome('dataDir', '.aisopod', 'data') : pathOption('--data-dir', given);
  const stateDir = hasHome ? stateFolder(undefined) : undefined;
  return { pluginDirs: hasHome ? foldersOf(args).map(absolutePath) : [], dataDir, stateDir, cacheDir: stateDir ?? dataDir };
}
