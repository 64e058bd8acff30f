export { discover, type DiscoverOptions } from './discover.js';
export type { Candidate, Discovery, Refusal } from './discovery.js';
export { libraryFilename } from './library-filename.js';
export { expandHome } from '../options/folders.js';
export { ManifestCache } from './manifest-cache.js';
export { defaultPluginDirs } from './plugin-dirs.js';
export { requireCandidate } from './require-candidate.js';
export { PluginFiles } from './plugin-files.js';
export { resolveLibrary } from './resolve-library.js';
