/**
 * Wine 8 makes no links: a link becomes a copy of what it leads to. (A link that Linux makes would be a folder to wine, and a
 * test that removes it would empty its target.)
 */
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

const link = fs.symlinkSync;
fs.symlinkSync = (target, path, type) => {
  try {
    return link(target, path, type);
  } catch (error) {
    if (error.code === 'EEXIST') return undefined;
    if (error.code !== 'ENOTSUP' && error.code !== 'ENOSYS') throw error;
    return fs.cpSync(target, path, { recursive: true, filter: (file) => !/[\\/](?:node_modules|build|\.git)$/.test(file) });
  }
};
syncBuiltinESMExports();
