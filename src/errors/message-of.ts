/** The message of anything thrown. Not by `instanceof`: koffi's errors, and other realms', fail it. */
export function messageOf(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) return String(thrown.message);
  return String(thrown);
}
