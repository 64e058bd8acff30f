import type { SandboxSupport } from '../../../src/isolation/sandbox/grants.js';
import { sandboxSupport } from '../../../src/isolation/sandbox/probe.js';

/** What the sandbox of Linux can enforce here: nothing on other systems, whatever theirs do. */
export function linuxSandbox(): SandboxSupport {
  const support = sandboxSupport();
  return process.platform === 'linux' ? support : { ...support, level: 'none', reason: 'the sandbox of Linux' };
}
