import { removeAddedMembers } from './added-members.js';

/** zod cannot even be loaded beside added members: the public index imports this module first, and calls this last. */
export const endLoading = removeAddedMembers();
