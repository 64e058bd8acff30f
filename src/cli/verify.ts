import { PluginError } from '../errors/index.js';
import type { Candidate } from '../scan/index.js';
import { verifyAgainstLock, verifyPlugin } from '../trust/index.js';
import { Exit, MANY, SCAN_HELP, SCAN_OPTIONS, flag, text, texts, type Arguments, type Command } from './command.js';
import { LOCK_FILE_HELP, LOCK_FILE_OPTION, lockAt, lockFileOf } from './lock.js';
import { readKey } from './read-key.js';
import { complainOf, selection } from './selection.js';
import { printTable } from './table.js';
import { complain, printJson, type Terminal } from './terminal.js';

/** What came of one check of one plugin. */
interface Verified {
  readonly id: string;
  readonly path: string;
  readonly check: 'lock' | 'signature';
  readonly ok: boolean;
  readonly code: string | null;
  readonly message: string | null;
  readonly hint: string | null;
}

export const verify: Command = {
  name: 'verify',
  operands: '[<folder or id> …]',
  summary: 'compare every file of these plugins, or of all, with the lock; with --key, with the signature',
  options: { ...SCAN_OPTIONS, ...LOCK_FILE_OPTION, key: { type: 'string', multiple: true } },
  optionHelp: [
    ['--key FILE', 'a public Ed25519 key in PEM; may be given again. Then the lock is checked only with --lock-file'],
    LOCK_FILE_HELP,
    ...SCAN_HELP,
  ],
  examples: ['aisopod-plugin verify', 'aisopod-plugin verify weather --key author.pub'],
  arity: MANY,
  async run(args, terminal) {
    const keys = texts(args, 'key') && (await Promise.all((texts(args, 'key') ?? []).map(readKey)));
    const { candidates, refused } = await selection(args);
    const checks: Verified[] = [];
    for (const candidate of candidates) {
      if (keys !== undefined) checks.push(await outcome(candidate, 'signature', () => verifyPlugin(candidate, keys)));
      if (keys === undefined || text(args, 'lock-file') !== undefined) {
        checks.push(await outcome(candidate, 'lock', () => verifyLocked(candidate, args)));
      }
    }
    if (flag(args, 'json')) printJson(terminal, { checks, refused });
    else {
      print(terminal, checks);
      complainOf(terminal, refused);
    }
    return refused.length === 0 && checks.every(({ ok }) => ok) ? Exit.DONE : Exit.REFUSED;
  },
};

async function verifyLocked(candidate: Candidate, args: Arguments): Promise<void> {
  const lockFile = lockFileOf(candidate, args);
  await verifyAgainstLock(candidate, await lockAt(lockFile), lockFile);
}

async function outcome({ id, path }: Candidate, check: Verified['check'], run: () => Promise<void>): Promise<Verified> {
  try {
    await run();
    return { id, path, check, ok: true, code: null, message: null, hint: null };
  } catch (error) {
    // The host's own keys are wrong then, whichever plugin it is.
    if (!(error instanceof PluginError) || error.code === 'ERR_KEY') throw error;
    const { code, message, hint } = error;
    return { id, path, check, ok: false, code, message, hint };
  }
}

function print(terminal: Terminal, checks: readonly Verified[]): void {
  const rows = checks.map(({ id, check, ok, code, path }) => [id, check, ok ? 'ok' : (code ?? ''), path]);
  printTable(terminal, ['id', 'check', 'result', 'path'], rows);
  for (const { ok, message, hint } of checks) if (!ok) complain(terminal, message ?? '', hint ?? undefined);
}
