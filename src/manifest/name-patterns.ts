/** Tool names that language models accept. */
export const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/;
/** Other capabilities are called by people and hosts, and may contain dots (`mail.send`). */
export const DOTTED_NAME = /^[A-Za-z0-9._-]{1,64}$/;
