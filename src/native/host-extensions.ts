import type { HostFunction } from './host-function.js';

/**
 * The extensions of the host, by versioned name. `get_extension` returns a struct with `size`, `reserved` and these functions,
 * in this order. Each gets the host's context as its first argument. For an unknown name it returns NULL.
 */
export const HOST_EXTENSIONS: Readonly<Record<string, readonly HostFunction[]>> = {};
