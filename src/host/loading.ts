import type { Plugin } from '../plugin/plugin.js';
import type { Replacement } from '../registry/replacement.js';
import type { SandboxStart } from '../report/child-sandbox.js';

/** What comes before the next generation of a plugin is loaded, and before its init. Both may refuse it, and throw. */
export interface StartRules {
  readonly beforeLoad: () => void;
  /** May also hand over the state of the generation that runs. */
  readonly check: (replacement: Replacement) => Promise<void>;
}

/** A plugin that is being brought up. */
export interface Load {
  /** Waits until the plugin is loaded. */
  readonly load: () => Promise<Plugin>;
  /** How its own process starts, if it has one. */
  readonly startsAs?: SandboxStart;
}
