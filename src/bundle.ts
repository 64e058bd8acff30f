/**
 * Everything in dist/bundle.js: the package and `aisopod-plugin/mcp`, in one file, so that both use the same copy of the state. The
 * build makes an entry point for each.
 */
import './options/loading.js'; // first, as in index.ts
export * as mcp from './mcp/index.js';
export * from './index.js';
