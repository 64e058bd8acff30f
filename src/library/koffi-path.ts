import { createRequire } from 'node:module';
import { hostProgram } from '../options/host-program.js';

/**
 * Where a thread finds koffi: as this module does, or, compiled to an ES module (tests, bundles), as the host's program or
 * the package there does. @throws the error of Node if none finds it
 */
export function koffiPath(): string {
  if (typeof require === 'function') return require.resolve('koffi');
  const fromHost = createRequire(hostProgram());
  try {
    return fromHost.resolve('koffi');
  } catch {
    return createRequire(fromHost.resolve('aisopod-plugin/package.json')).resolve('koffi');
  }
}
