/** The largest message that a client may send. */
export const MAX_MESSAGE_BYTES = 32 << 20;

/** The sessions of clients over HTTP. With more, the one that was unused for the longest time is closed. */
export const MAX_SESSIONS = 64;
