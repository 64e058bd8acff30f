/** JSON text of exactly this length. Parsed, so that V8 stores it as a flat string, like text from a socket or a file. */
export const textOf = (bytes) => JSON.stringify(JSON.parse(`"${'plain text '.repeat(bytes / 11 + 1).slice(0, bytes - 2)}"`));
