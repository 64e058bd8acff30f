import type { ChildMessage } from '../wire/messages.js';

/** Sends to the host. */
export type Send = (message: ChildMessage, payload?: string | Uint8Array) => void;
