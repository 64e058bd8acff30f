import type { Target } from '../../src/triage/index.js';

const common = { endianness: 'LE', abi: { min: 1, max: 1 } } as const;

/** Targets of all kinds, so that the tests say the same wherever they run. */
export const TARGETS = {
  linux: { ...common, platform: 'linux', arch: 'x64', libc: { flavour: 'glibc', version: '2.35' } },
  alpine: { ...common, platform: 'linux', arch: 'x64', libc: { flavour: 'musl', version: undefined } },
  linuxArm: { ...common, platform: 'linux', arch: 'arm64', libc: { flavour: 'glibc', version: '2.35' } },
  mac: { ...common, platform: 'darwin', arch: 'arm64', libc: undefined },
  windows: { ...common, platform: 'win32', arch: 'x64', libc: undefined },
  windows32: { ...common, platform: 'win32', arch: 'ia32', libc: undefined },
} satisfies Record<string, Target>;
