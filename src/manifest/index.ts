export { checkHostVersion, checkVersionCompatibility } from './compatibility.js';
export { HOOK_NAMES, type HookName } from './hook-names.js';
export type { Manifest } from './manifest.js';
export { MAX_MANIFEST_BYTES, parseManifest, type ParseManifestOptions } from './parse-manifest.js';
export { MANIFEST_FILENAME, manifestIn, readManifest, type ReadManifestOptions } from './read-manifest.js';
export { manifestJsonSchema } from './json-schema.js';
