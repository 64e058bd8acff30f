import { LoadError } from '../errors/index.js';
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
