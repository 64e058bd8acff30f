import type { LoadError } from '../errors/index.js';
import type { Manifest } from '../manifest/index.js';

/** A plugin folder with a valid manifest. None of the plugin's code has run. */
export interface Candidate {
  readonly id: string;
  /** The plugin folder, absolute; symbolic links are not resolved. */
  readonly path: string;
  readonly manifestPath: string;
  readonly manifest: Manifest;
}

/** A folder that is not a candidate, and why. */
export interface Refusal {
  /** The plugin's id, if it could be read from the manifest. */
  readonly id?: string;
  /** The plugin folder, or a folder to scan that was refused as a whole. */
  readonly path: string;
  readonly error: LoadError;
}

/** Both lists are in scan order. */
export interface Discovery {
  readonly candidates: readonly Candidate[];
  readonly refused: readonly Refusal[];
}
