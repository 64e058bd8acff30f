import type { LoadError } from '../errors/index.js';
import type { Manifest } from '../manifest/index.js';

/** A plugin folder with a sound manifest. None of the plugin's code has run. */
export interface Candidate {
  readonly id: string;
  /** The plugin folder, absolute; symbolic links as they were met. */
  readonly path: string;
  readonly manifestPath: string;
  readonly manifest: Manifest;
}

/** A folder that is no candidate, and why. */
export interface Refusal {
  /** The plugin's id, where its manifest could be read that far. */
  readonly id?: string;
  /** The plugin folder; or the folder to scan, where that was refused whole. */
  readonly path: string;
  readonly error: LoadError;
}

/** Both lists in the order of the scan. */
export interface Discovery {
  readonly candidates: readonly Candidate[];
  readonly refused: readonly Refusal[];
}
