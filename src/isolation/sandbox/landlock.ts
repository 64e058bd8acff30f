import { closeSync, fstatSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { narrowText, ownBuffer } from '../../library/index.js';
import { attempt, demand, words } from './kernel.js';

/** Rights to files and folders (linux/landlock.h). */
const [EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE] = [1, 2, 4, 8, 0x10, 0x20];
const [MAKE_DIR, MAKE_REG, MAKE_FIFO, MAKE_SYM, REFER, TRUNCATE, IOCTL_DEV] = [0x80, 0x100, 0x400, 0x1000, 0x2000, 0x4000, 0x8000];
/** Only these can be given for a file. */
const RIGHTS_OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV;

export const READ = READ_FILE | READ_DIR;
export const LIST = READ_DIR;
export const WRITE = READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_FIFO | MAKE_SYM | REFER | TRUNCATE;
export const WRITE_DEVICE = READ_FILE | WRITE_FILE;
export const RUN = READ | EXECUTE;

const [BIND_TCP, CONNECT_TCP] = [1, 2];
/** Abstract sockets and signals. */
const SCOPES = 3;

/** The versions of Landlock that brought these. */
const [ABI_OF_REFER, ABI_OF_TRUNCATION, ABI_OF_PORTS, ABI_OF_DEVICES, ABI_OF_SCOPES] = [2, 3, 4, 5, 6];

const [RULE_PATH, RULE_PORT] = [1, 2];

export interface PathRule {
  readonly path: string;
  readonly rights: number;
}

export interface Restriction {
  readonly abi: number;
  /** Of this program. Links in the paths are followed. */
  readonly own: readonly PathRule[];
  /** Of the plugin, which may have put links into its paths: they are not followed. */
  readonly granted: readonly PathRule[];
  readonly connect: readonly number[];
  readonly listen: readonly number[];
}

/**
 * Restricts this thread, and what it starts or becomes, to these rules, for ever. Returns the granted paths that could not be
 * opened, with the error: they are not there, or have links. @throws Error
 */
export function restrict({ abi, own, granted, connect, listen }: Restriction): readonly string[] {
  const handled = fileRights(abi);
  const ruleset = createRuleset(abi, handled);
  const missing: string[] = [];
  for (const rule of own) addPath(ruleset, rule, handled, openPath(rule.path, 0));
  for (const rule of granted) {
    const fd = openPath(rule.path, RESOLVE_NO_SYMLINKS);
    if (fd < 0) missing.push(`${rule.path} (${getSystemErrorName(fd)})`);
    addPath(ruleset, rule, handled, fd);
  }
  if (abi >= ABI_OF_PORTS) {
    for (const port of connect) demand('landlock_add_rule', ruleset, RULE_PORT, words(CONNECT_TCP, port), 0);
    for (const port of listen) demand('landlock_add_rule', ruleset, RULE_PORT, words(BIND_TCP, port), 0);
  }
  demand('landlock_restrict_self', ruleset, 0);
  closeSync(ruleset);
  return missing;
}

/** All rights to files that a version knows. */
function fileRights(abi: number): number {
  const known = abi >= ABI_OF_DEVICES ? IOCTL_DEV : abi >= ABI_OF_TRUNCATION ? TRUNCATE : abi >= ABI_OF_REFER ? REFER : MAKE_SYM;
  return 2 * known - 1;
}

function createRuleset(abi: number, handled: number): number {
  const ports = abi >= ABI_OF_PORTS ? [BIND_TCP | CONNECT_TCP] : [];
  const scopes = abi >= ABI_OF_SCOPES ? [SCOPES] : [];
  const attributes = words(handled, ...ports, ...scopes);
  return demand('landlock_create_ruleset', attributes, attributes.length, 0);
}

const AT_FDCWD = -100;
const [O_PATH, O_CLOEXEC] = [0o1000_0000, 0o200_0000];
const RESOLVE_NO_SYMLINKS = 4;

/** Returns a descriptor, or the negative number of the error. */
function openPath(path: string, resolve: number): number {
  const how = words(O_PATH | O_CLOEXEC, 0, resolve);
  return attempt('openat2', AT_FDCWD, narrowText(path), how, how.length);
}

/** Does nothing for a path that could not be opened. */
function addPath(ruleset: number, { rights }: PathRule, handled: number, fd: number): void {
  if (fd < 0) return;
  const possible = fstatSync(fd).isDirectory() ? handled : handled & RIGHTS_OF_FILES;
  if ((rights & possible) !== 0) {
    const attributes = ownBuffer(12); // packed: rights, descriptor
    attributes.writeBigUInt64LE(BigInt(rights & possible), 0);
    attributes.writeInt32LE(fd, 8);
    demand('landlock_add_rule', ruleset, RULE_PATH, attributes, 0);
  }
  closeSync(fd);
}
