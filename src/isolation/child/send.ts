import type { ChildMessage } from '../protocol.js';

/** Sends to the host. */
export type Send = (message: ChildMessage, payload?: string | Uint8Array) => void;
