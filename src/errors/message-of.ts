/** The message of anything thrown. Not by `instanceof`: koffi's errors, and other realms', fail it. */
export function messageOf(thrown: unknown): string {
  try {
    if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) return String(thrown.message);
    return String(thrown);
  } catch {
    return 'something that cannot be put into words'; // such as Object.create(null)
  }
}
