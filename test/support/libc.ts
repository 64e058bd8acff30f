import { hostTarget } from '../../src/triage/index.js';

/** Whether the C library of this process is musl. */
export const isMusl = hostTarget().libc?.flavour === 'musl';
