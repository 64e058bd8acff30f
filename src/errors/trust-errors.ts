import { entry, type Mismatch, type ProcessEnd } from './entry.js';

const isoTime = (ms: number): string => new Date(ms).toISOString();

/** Why a plugin is not trusted. Part of LOAD_ERRORS: nothing of the plugin runs. */
export const TRUST_ERRORS = {
  ERR_TRUST_OPTIONS: entry<Mismatch & { readonly option: string; readonly nearest?: string }>({
    step: 'trust',
    when: "The host's own trust settings cannot work.",
    message: ({ option, expected, found }) => `trust.${option}: expected ${expected}, found ${found}`,
    hint: ({ option }) => `Correct trust.${option} where the host creates its loader (docs/security.md).`,
  }),
  ERR_DENIED_BY_POLICY: entry<Mismatch & { readonly rule: 'allow' | 'deny' }>({
    step: 'trust',
    when: "The host's `deny` list names the plugin, or its `allow` list does not.",
    message: ({ rule }) => (rule === 'deny' ? 'the host denies this plugin' : 'the host allows other plugins only'),
    hint: ({ rule }) => (rule === 'deny' ? "Take its id off the host's deny list." : "Put its id on the host's allow list."),
  }),
  ERR_OUTSIDE_FOLDER: entry<Mismatch>({
    step: 'trust',
    when: 'A symbolic link leads the manifest, the library or another file out of the plugin folder.',
    message: ({ expected, found }) => `a link leads out of the plugin folder: expected a file inside ${expected}, found ${found}`,
    hint: 'Put the file itself into the plugin folder, or set allowOutside if the host trusts where it leads.',
  }),
  ERR_UNSAFE_PERMISSIONS: entry<
    Mismatch & { readonly mode: string; readonly uid: number; readonly gid: number; readonly fix: string }
  >({
    step: 'trust',
    when: 'Somebody other than this user and root may replace the plugin: an owner or a mode says so.',
    message: ({ expected, found }) => `others may change it: expected ${expected}, found ${found}`,
    hint: ({ fix }) => `Run: ${fix}`,
  }),
  ERR_PLUGIN_FOLDER: entry<Mismatch>({
    step: 'trust',
    when: 'The plugin folder holds what cannot be hashed: no regular file, a name that not every system can hold, or too much.',
    message: ({ expected, found }) => `the plugin folder cannot be hashed: expected ${expected}, found ${found}`,
    hint: 'Keep in the plugin folder only what the plugin needs.',
  }),
  ERR_PLUGIN_CHANGED: entry<Mismatch>({
    step: 'trust',
    when: 'The files of the plugin were replaced between the scan and the load, or while it ran in a process that then ended. The host loads the new files by itself in the second case.',
    message: ({ expected, found }) => `its files were changed: expected ${expected}, found ${found}`,
    hint: 'Call rescan or enable when nothing is writing to the plugin folder.',
  }),
  ERR_NOT_LOCKED: entry<Mismatch & { readonly lockFile: string }>({
    step: 'trust',
    when: 'The lock file has no entry for the plugin on this platform, or is not there.',
    message: ({ expected, found }) => `not locked: expected ${expected}, found ${found}`,
    hint: ({ lockFile }) => `Look at the plugin, then lock it: aisopod-plugin lock writes ${lockFile}.`,
  }),
  ERR_LOCK_MISMATCH: entry<Mismatch & { readonly lockFile: string }>({
    step: 'trust',
    when: "The plugin's files are not the ones that were locked.",
    message: ({ expected, found }) => `not what was locked: expected ${expected}, found ${found}`,
    hint: 'If you updated the plugin, lock it again; if not, somebody changed it: install it again.',
  }),
  ERR_LOCK_FILE: entry<Mismatch>({
    step: 'trust',
    when: 'The lock file or signature file is malformed.',
    message: ({ expected, found }) => `malformed: expected ${expected}, found ${found}`,
    hint: 'Write it again with aisopod-plugin lock or sign; it is not meant to be edited.',
  }),
  ERR_SIGNATURE: entry<Mismatch>({
    step: 'trust',
    when: "The plugin has no signature, or none of the host's keys made it for these files.",
    message: ({ expected, found }) => `not signed as this host wants: expected ${expected}, found ${found}`,
    hint: "Get the plugin from its author again, or add the author's public key to the host's keys.",
  }),
  ERR_STATE_FOLDER: entry<{ readonly operation: string; readonly reason: string; readonly fix: string }>({
    step: 'trust',
    when: 'The folder in which hosts remember crashes (`stateDir`) cannot be read or written: whether a plugin is in quarantine is not known, so it is not loaded.',
    message: ({ operation, reason }) => `cannot ${operation}: ${reason}`,
    hint: ({ fix }) => `${fix}, or set stateDir to a folder of this user alone.`,
  }),
  ERR_QUARANTINED: entry<
    ProcessEnd & {
      /** A step, the capability that was called (`tool forecast`), or `idle`. */
      readonly during: string;
      readonly count: number;
      /** Milliseconds since the epoch, as is `until`. */
      readonly since: number;
      readonly until: number;
      /** The command that lifts it. */
      readonly release: string;
    }
  >({
    step: 'trust',
    when: 'The plugin, with the very bytes it has now, has taken its process down and is kept away for a while.',
    message: ({ reason, during, count, since, until }) =>
      `in quarantine from ${isoTime(since)} to ${isoTime(until)}: its process ${reason} ${during === 'idle' ? 'while idle' : `during ${during}`}${count === 1 ? '' : ` (${count} times)`}`,
    hint: ({ release }) => `Tell its author. It is tried again when its files change, when its time is over, or after: ${release}`,
  }),
} as const;
