import { hasAddedMembers, removeAddedMembers } from './added-members.js';

/**
 * zod cannot be loaded while `Object.prototype` has added members. The public index imports this module first and calls
 * this last.
 */
export const endLoading = removeAddedMembers();

if (hasAddedMembers()) {
  endLoading();
  const names = Object.keys(Object.prototype).join(', ');
  throw new Error(
    `aisopod-plugin cannot be loaded: Object.prototype has enumerable members that cannot be removed (${names}), and libraries such as koffi and zod do not load then. Load this package before they are added, or define them with enumerable: false.`,
  );
}
