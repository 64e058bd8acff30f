import { entry, type Mismatch } from './entry.js';
import type { ProcessEnd } from './process-end.js';

const isoTime = (ms: number): string => new Date(ms).toISOString();

/** Why a plugin is not trusted. Part of LOAD_ERRORS: none of the plugin's code runs. */
export const TRUST_ERRORS = {
  ERR_TRUST_OPTIONS: entry<Mismatch & { readonly option: string; readonly nearest?: string }>({
    step: 'trust',
    when: 'A trust option of the host has an unknown name or an invalid value.',
    message: ({ option, expected, found }) => `trust.${option}: expected ${expected}, found ${found}`,
    hint: ({ option, nearest }) => `${nearest === undefined ? '' : `Did you mean trust.${nearest}? `}Correct trust.${option} where the host or loader is created (docs/security.md).`,
  }),
  ERR_KEY: entry<Mismatch & { readonly use: 'sign' | 'verify' }>({
    step: 'trust',
    when: 'A key cannot be used to sign or verify.',
    message: ({ use, expected, found }) => `cannot ${use} with this key: expected ${expected}, found ${found}`,
    hint: ({ use }) =>
      use === 'sign'
        ? 'Sign with the private key. Create one with: openssl genpkey -algorithm ed25519'
        : 'Verify with the public key. Derive it from the private key with: openssl pkey -pubout',
  }),
  ERR_DENIED_BY_POLICY: entry<Mismatch & { readonly rule: 'allow' | 'deny' }>({
    step: 'trust',
    when: "The host's `deny` list names the plugin, or its `allow` list does not.",
    message: ({ rule }) => (rule === 'deny' ? "the host's deny list names this plugin" : "the host's allow list does not name this plugin"),
    hint: ({ rule }) => (rule === 'deny' ? 'Remove its id from trust.deny.' : 'Add its id to trust.allow.'),
  }),
  ERR_OUTSIDE_FOLDER: entry<Mismatch>({
    step: 'trust',
    when: 'The manifest, the library or another file is a symbolic link to a file outside the plugin folder.',
    message: ({ expected, found }) => `a link leads out of the plugin folder: expected a file inside ${expected}, found ${found}`,
    hint: 'Replace the link with the file, or set trust.allowOutside if the host trusts the target.',
  }),
  ERR_UNSAFE_PERMISSIONS: entry<
    Mismatch & { readonly mode: string; readonly uid: number; readonly gid: number; readonly fix: string }
  >({
    step: 'trust',
    when: 'The owner or mode of the plugin lets a user other than this one and root replace it.',
    message: ({ expected, found }) => `other users can change it: expected ${expected}, found ${found}`,
    hint: ({ fix }) => `Run: ${fix}`,
  }),
  ERR_PLUGIN_FOLDER: entry<Mismatch>({
    step: 'trust',
    when: 'The plugin folder has an entry that cannot be hashed: it is not a regular file, its name is not valid on every system, or it is too large.',
    message: ({ expected, found }) => `the plugin folder cannot be hashed: expected ${expected}, found ${found}`,
    hint: 'Remove or rename that entry. Keep only what the plugin needs in its folder.',
  }),
  ERR_PLUGIN_CHANGED: entry<Mismatch>({
    step: 'trust',
    when: 'The files of the plugin changed between the scan and the load, or while it ran in a process that then ended. In the second case, the host loads the new files automatically.',
    message: ({ expected, found }) => `its files were changed: expected ${expected}, found ${found}`,
    hint: 'Call rescan or enable once nothing writes to the plugin folder any more.',
  }),
  ERR_UPDATE_REFUSED: entry<{ readonly reason: string }>({
    step: 'trust',
    when: 'The host does not update the plugin to the files in its folder. None of their code has run; the generation that ran is still active.',
    message: ({ reason }) => `not updated: ${reason}`,
    hint: 'Install other files, then call update. If the plugin is to go, remove its folder and call rescan.',
  }),
  ERR_NOT_LOCKED: entry<Mismatch & { readonly lockFile: string }>({
    step: 'trust',
    when: 'The lock file is missing, or has no entry for the plugin on this platform.',
    message: ({ expected, found }) => `not locked: expected ${expected}, found ${found}`,
    hint: ({ lockFile }) => `Review the plugin, then run aisopod-plugin lock, which writes ${lockFile}.`,
  }),
  ERR_LOCK_MISMATCH: entry<Mismatch & { readonly lockFile: string }>({
    step: 'trust',
    when: "The plugin's files are not the ones that were locked.",
    message: ({ expected, found }) => `differs from the lock: expected ${expected}, found ${found}`,
    hint: 'If you updated the plugin, lock it again. If you did not, something else changed it: reinstall it.',
  }),
  ERR_LOCK_FILE: entry<Mismatch>({
    step: 'trust',
    when: 'The lock file or signature file is malformed.',
    message: ({ expected, found }) => `malformed: expected ${expected}, found ${found}`,
    hint: 'Create it again with aisopod-plugin lock or sign. Do not edit it by hand.',
  }),
  ERR_SIGNATURE: entry<Mismatch>({
    step: 'trust',
    when: "The plugin has no signature, or its signature does not match these files with any of the host's keys.",
    message: ({ expected, found }) => `the signature is not accepted: expected ${expected}, found ${found}`,
    hint: "Reinstall the plugin from its author, or add the author's public key to the keys (trust.keys, verify --key).",
  }),
  ERR_PERMISSION_DENIED: entry<{ readonly denied: readonly { readonly permission: string; readonly reason: string }[] }>({
    step: 'trust',
    when: 'The manifest requires a permission that the plugin does not have: the host does not grant it, or it cannot be granted.',
    message: ({ denied }) => `needs permissions that it does not have: ${denied.map(({ permission, reason }) => `${permission} (${reason})`).join('; ')}`,
    hint: "Return the permission from the host's option grants (on the command line: --grant), or move it to [permissions.optional] in the manifest (docs/sandbox.md).",
  }),
  ERR_SANDBOX_UNAVAILABLE: entry<Mismatch>({
    step: 'trust',
    when: "The host requires a sandbox for the plugin (`sandbox: 'require'`), and this system or this kind of isolation has none that enforces the plugin's permissions.",
    message: ({ expected, found }) => `cannot be sandboxed: expected ${expected}, found ${found}`,
    hint: "Run the host where aisopod-plugin doctor shows a sandbox, with isolation: 'process'. Or set sandbox to 'best-effort' for this plugin.",
  }),
  ERR_SHARED_GRANTS: entry<Mismatch & { readonly processName: string }>({
    step: 'trust',
    when: 'Plugins that share a sandboxed child process must have the same permissions, and all of them must be known when the process starts.',
    message: ({ processName, expected, found }) => `cannot share the process ${processName}: expected ${expected}, found ${found}`,
    hint: "Give the plugin a process of its own (isolation: 'process') or another name, or grant both plugins the same.",
  }),
  ERR_STATE_FOLDER: entry<{ readonly operation: string; readonly reason: string; readonly fix: string }>({
    step: 'trust',
    when: 'The folder in which hosts record crashes (`stateDir`) cannot be read or written. The plugin is not loaded, because it may be in quarantine.',
    message: ({ operation, reason }) => `cannot ${operation}: ${reason}`,
    hint: ({ fix }) => `${fix}, or set stateDir to a folder that only this user owns.`,
  }),
  ERR_QUARANTINED: entry<
    Pick<ProcessEnd, 'signal' | 'exitCode' | 'reason'> & {
      /** A step, the capability that was called (`tool forecast`), or `idle`. */
      readonly during: string;
      readonly count: number;
      /** Milliseconds since the epoch, as is `until`. */
      readonly since: number;
      readonly until: number;
      /** The command that releases the plugin. */
      readonly release: string;
    }
  >({
    step: 'trust',
    when: 'The plugin, with its current files, crashed its process. It is not loaded until the quarantine ends.',
    message: ({ reason, during, count, since, until }) =>
      `in quarantine from ${isoTime(since)} to ${isoTime(until)}: its process ${reason} ${during === 'idle' ? 'while idle' : `during ${during}`}${count === 1 ? '' : ` (${count} times)`}`,
    hint: ({ release }) => `It is loaded again when its files change, when the quarantine ends, or after: ${release}`,
  }),
} as const;
