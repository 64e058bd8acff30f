import type { HostFunction } from './host-function.js';

/**
 * What the host's `get_extension` answers, by versioned name: a struct with `size`, `reserved` and these functions, in this
 * order, each called with the host's context. A name that is not here is answered with NULL.
 */
export const HOST_EXTENSIONS: Readonly<Record<string, readonly HostFunction[]>> = {};
