import type { StaticCheck } from '../check.js';
import { CODE_CHECKS } from './code.js';
import { DEPENDENCY_CHECKS } from './dependencies.js';
import { EXPORT_CHECKS } from './exports.js';
import { FILE_CHECKS } from './files.js';
import { IMPORT_CHECKS } from './imports.js';
import { LIBRARY_CHECKS } from './libraries.js';
import { MANIFEST_CHECKS } from './manifest.js';
import { NOTE_CHECKS } from './note.js';
import { SYSTEM_CHECKS } from './system.js';

/** All checks of the files, in the order in which they are listed. */
export const STATIC_CHECKS: readonly StaticCheck[] = [
  ...MANIFEST_CHECKS,
  ...FILE_CHECKS,
  ...LIBRARY_CHECKS,
  ...NOTE_CHECKS,
  ...EXPORT_CHECKS,
  ...IMPORT_CHECKS,
  ...DEPENDENCY_CHECKS,
  ...SYSTEM_CHECKS,
  ...CODE_CHECKS,
];
