/**
 * The way of a plugin, in order. Every error and every record names the step it belongs to.
 * Up to and including `triage`, files are read and nothing of the plugin runs.
 */
export const STEPS = [
  'scan',
  'manifest',
  'trust',
  'triage',
  'open',
  'bind',
  'create',
  'register',
  'init',
  'active',
  'shutdown',
  'retired',
] as const;

export type Step = (typeof STEPS)[number];
