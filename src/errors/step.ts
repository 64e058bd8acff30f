/**
 * The steps of a plugin's life, in order. Every error and every record names its step.
 * Up to and including `triage`, files are only read and none of the plugin's code runs.
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
