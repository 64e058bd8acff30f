const ARRAYS = Array.prototype as { toJSON?: unknown };

/** JSON for a child. Code in the host may have given arrays a `toJSON` (Prototype.js does), which writes them as text. */
export function jsonText(message: object): string {
  const added = Object.getOwnPropertyDescriptor(ARRAYS, 'toJSON');
  if (added?.configurable !== true) return JSON.stringify(message);
  delete ARRAYS.toJSON;
  try {
    return JSON.stringify(message);
  } finally {
    Object.defineProperty(ARRAYS, 'toJSON', added);
  }
}
