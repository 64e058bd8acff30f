import type { InvocationParent } from './backend.js';

/**
 * Represents an invocation of another process that continues here: the `parent` of the invocation here, which gets the same
 * id. Stands for the whole chain of invocations that led to it in that process.
 */
export class RemoteOrigin implements InvocationParent {
  readonly pluginId = ''; // re-entry is checked in the process that the chain comes from
  readonly inside = false;
  readonly parent = undefined;

  constructor(
    readonly id: number,
    readonly chainLength: number,
  ) {}
}
