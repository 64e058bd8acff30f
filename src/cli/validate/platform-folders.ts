import { extname } from 'node:path';
import { hostTarget, type Target } from '../../triage/index.js';

/** The platform that the name of a folder in a plugin folder stands for: `linux-x64`, `linux-arm64-musl` … */
export interface LibraryFolder {
  readonly name: string;
  readonly platform: string;
  readonly arch: string;
  readonly musl: boolean;
}

/** As `process.platform` and `process.arch` have them, of systems that run Node. */
const PLATFORMS = ['aix', 'darwin', 'freebsd', 'linux', 'openbsd', 'sunos', 'win32'];
const ARCHITECTURES = ['arm', 'arm64', 'ia32', 'loong64', 'mips', 'mipsel', 'ppc64', 'riscv64', 's390x', 'x64'];
const FOLDER = new RegExp(`^(${PLATFORMS.join('|')})-(${ARCHITECTURES.join('|')})(-musl)?$`);

/** Undefined if a host on no platform looks into a folder of this name. */
export function platformOfFolder(name: string): LibraryFolder | undefined {
  const [, platform, arch, musl] = FOLDER.exec(name) ?? [];
  if (platform === undefined || arch === undefined) return undefined;
  return { name, platform, arch, musl: musl !== undefined };
}

/** The target that a library in a platform's folder is for. */
export function targetOf({ platform, arch, musl }: LibraryFolder): Target {
  const own = hostTarget();
  if (platform === own.platform && arch === own.arch && (!musl || own.libc?.flavour === 'musl')) return own;
  return { ...own, platform, arch, endianness: arch === 's390x' ? 'BE' : 'LE', libc: musl ? { flavour: 'musl', version: undefined } : undefined };
}

/** The target of a library in the plugin folder itself, which may be for any machine with this kind of library. */
export function targetOfFile(path: string, arch: string): Target {
  const own = hostTarget();
  const platform = { '.dll': 'win32', '.dylib': 'darwin' }[extname(path)] ?? (['darwin', 'win32'].includes(own.platform) ? 'linux' : own.platform);
  return platform === own.platform ? own : { ...own, platform, arch, libc: undefined };
}
