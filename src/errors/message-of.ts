/** The message of any thrown value. Does not use `instanceof`, which fails for errors of koffi and of other realms. */
export function messageOf(thrown: unknown): string {
  try {
    if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) return String(thrown.message);
    return String(thrown);
  } catch {
    return 'a value that cannot be converted to a string'; // such as Object.create(null)
  }
}
