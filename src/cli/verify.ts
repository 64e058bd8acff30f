import { PluginError } from '../errors/index.js';
import type { Candidate } from '../scan/index.js';
import { verifyAgainstLock, verifyPlugin } from '../trust/index.js';
import { Exit, MANY, SCAN_HELP, SCAN_OPTIONS, flag, text, texts, type Arguments, type CliCommand } from './command.js';
import { LOCK_FILE_HELP, LOCK_FILE_OPTION, lockAt, lockFileOf } from './lock.js';
import { readKey } from './read-key.js';
import { printNoPlugins, printRefused, selection } from './selection.js';
import { printTable } from './table.js';
import { printError, printJson, type Terminal } from './terminal.js';

/** The result of one check of one plugin. */
interface CheckResult {
  readonly id: string;
  readonly path: string;
  readonly check: 'lock' | 'signature';
  readonly ok: boolean;
  readonly code: string | null;
  readonly message: string | null;
  readonly hint: string | null;
}

export const verify: CliCommand = {
  name: 'verify',
  operands: '[<folder or id> …]',
  summary: 'check every file of these plugins (default: all) against the lock file or, with --key, the signature',
  options: { ...SCAN_OPTIONS, ...LOCK_FILE_OPTION, key: { type: 'string', multiple: true } },
  optionHelp: [
    ['--key FILE', 'check signatures by this public Ed25519 key in PEM; repeatable. The lock is then checked only with --lock-file'],
    LOCK_FILE_HELP,
    ...SCAN_HELP,
  ],
  examples: ['aisopod-plugin verify', 'aisopod-plugin verify weather --key author.pub'],
  arity: MANY,
  async run(args, terminal) {
    const keys = texts(args, 'key') && (await Promise.all((texts(args, 'key') ?? []).map(readKey)));
    const { candidates, refused } = await selection(args);
    const checks: CheckResult[] = [];
    for (const candidate of candidates) {
      if (keys !== undefined) checks.push(await outcome(candidate, 'signature', () => verifyPlugin(candidate, keys)));
      if (keys === undefined || text(args, 'lock-file') !== undefined) {
        checks.push(await outcome(candidate, 'lock', () => verifyLocked(candidate, args)));
      }
    }
    if (flag(args, 'json')) printJson(terminal, { checks, refused });
    else if (candidates.length === 0 && refused.length === 0) printNoPlugins(terminal, args);
    else {
      if (checks.length > 0) print(terminal, checks);
      printRefused(terminal, refused);
    }
    return refused.length === 0 && checks.every(({ ok }) => ok) ? Exit.DONE : Exit.REFUSED;
  },
};

async function verifyLocked(candidate: Candidate, args: Arguments): Promise<void> {
  const lockFile = lockFileOf(candidate, args);
  await verifyAgainstLock(candidate, await lockAt(lockFile), lockFile);
}

async function outcome({ id, path }: Candidate, check: CheckResult['check'], run: () => Promise<void>): Promise<CheckResult> {
  try {
    await run();
    return { id, path, check, ok: true, code: null, message: null, hint: null };
  } catch (error) {
    // ERR_KEY means that --key is wrong, which affects every plugin.
    if (!(error instanceof PluginError) || error.code === 'ERR_KEY') throw error;
    const { code, message, hint } = error;
    return { id, path, check, ok: false, code, message, hint };
  }
}

function print(terminal: Terminal, checks: readonly CheckResult[]): void {
  const rows = checks.map(({ id, check, ok, code, path }) => [id, check, ok ? 'ok' : (code ?? ''), path]);
  printTable(terminal, ['id', 'check', 'result', 'path'], rows);
  for (const { ok, message, hint } of checks) if (!ok) printError(terminal, message ?? '', hint ?? undefined);
}
