import type { ChildMessage } from '../wire/messages.js';

/** Sends to the host. `onSent` is called once the operating system has the message, or cannot take it. */
export type Send = (message: ChildMessage, payload?: string | Uint8Array, onSent?: () => void) => void;
