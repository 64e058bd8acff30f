import { createRequire } from 'node:module';
import { LoadError, messageOf, systemCode } from '../errors/index.js';
import { listedMembers, removeAddedMembers } from './added-members.js';

/**
 * zod and koffi cannot be loaded while `Object.prototype` has added members. The public index imports this module first and
 * calls this last.
 */
export const endLoading = removeAddedMembers();

const members = listedMembers();
if (members.length > 0) {
  endLoading();
  throw new LoadError('ERR_PROTOTYPE_MEMBERS', { operation: 'load aisopod-plugin', found: members.join(', ') });
}

requireAddons();
if (typeof __filename === 'string') requireKoffi(__filename); // an ES module, as in tests, has no such name

/** Tries to load an addon that does not exist: only the error says whether Node may load any. @throws LoadError ERR_NO_ADDONS */
function requireAddons(): void {
  try {
    process.dlopen({ exports: {} }, '/no/such.node');
  } catch (cause) {
    if (systemCode(cause) !== 'ERR_DLOPEN_DISABLED') return;
    endLoading();
    throw new LoadError('ERR_NO_ADDONS', { reason: messageOf(cause) }, { cause });
  }
}

/** Loads koffi before src/library imports it, because only here the system's refusal can become an error with a hint. @throws LoadError ERR_NO_ADDONS */
function requireKoffi(file: string): void {
  try {
    createRequire(file)('koffi');
  } catch (cause) {
    if (systemCode(cause) !== 'ERR_DLOPEN_FAILED') return; // the import reports everything else
    endLoading();
    throw new LoadError('ERR_NO_ADDONS', { reason: messageOf(cause) }, { cause });
  }
}
