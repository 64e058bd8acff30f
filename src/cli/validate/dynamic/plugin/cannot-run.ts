/** The plugin does not get as far as a check needs. Another check reports why. */
export class CannotRun extends Error {}
