import type { StaticCheck } from '../check.js';
import { EXPORT_CHECKS } from './exports.js';
import { LIBRARY_CHECKS } from './libraries.js';
import { MANIFEST_CHECKS } from './manifest.js';
import { NOTE_CHECKS } from './note.js';

/** All checks of the files, in the order in which they are listed. */
export const STATIC_CHECKS: readonly StaticCheck[] = [...MANIFEST_CHECKS, ...LIBRARY_CHECKS, ...EXPORT_CHECKS, ...NOTE_CHECKS];
