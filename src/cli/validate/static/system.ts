import { compareVersions, newest } from '../../../triage/version.js';
import { error, note, warning, type Finding, type StaticCheck } from '../check.js';
import { refused } from './libraries.js';
import { ofEachLibrary } from './rows.js';

/** The glibc of distributions. Node itself needs 2.28. */
const GLIBC_OF: readonly (readonly [version: string, systems: string])[] = [
  ['2.28', 'Debian 10, RHEL 8'],
  ['2.31', 'Debian 11, Ubuntu 20.04'],
  ['2.34', 'RHEL 9'],
  ['2.35', 'Ubuntu 22.04'],
  ['2.36', 'Debian 12'],
  ['2.39', 'Ubuntu 24.04, RHEL 10'],
  ['2.41', 'Debian 13'],
];
/** Systems with a newer one are so new that most users do not have them. */
const NEWEST_USUAL_GLIBC = '2.39';
/** Of GCC 14. */
const NEWEST_USUAL_LIBSTDCXX = '3.4.33';
const NEWEST_USUAL_MACOS = '14.0';

const libcHere = ofEachLibrary(
  {
    id: 'libc-fits',
    source: 'triage',
    title: 'A library for this machine needs no newer glibc than this machine has',
    breaks: 'Opening the library fails: a version of a symbol is not found.',
  },
  (library) => refused(library, 'ERR_LIBC_TOO_OLD'),
);

const glibc = ofEachLibrary(
  {
    id: 'glibc-baseline',
    source: 'platforms',
    title: `A library for Linux needs no newer glibc than ${NEWEST_USUAL_GLIBC}`,
    breaks: 'Users with an older Linux cannot load the plugin.',
  },
  ({ triage: { libc } }) => {
    if (libc?.flavour !== 'glibc' || libc.version === undefined) return [];
    const { version } = libc;
    const since = GLIBC_OF.find(([has]) => compareVersions(has, version) >= 0);
    const message = `It needs glibc ${version} or newer${since === undefined ? '' : `, which is in ${since[1]} and newer`}.`;
    if (compareVersions(version, NEWEST_USUAL_GLIBC) <= 0) return [note(message)];
    return [warning(`${message} Build it on an older system.`)];
  },
);

const libstdcxx = ofEachLibrary(
  {
    id: 'libstdcxx-baseline',
    source: 'platforms',
    title: `A library for Linux needs no newer libstdc++ than that of GCC 14 (GLIBCXX_${NEWEST_USUAL_LIBSTDCXX})`,
    breaks: 'Users with an older Linux cannot load the plugin.',
  },
  ({ linkage }) => {
    const versions = linkage?.versions.flatMap((name) => /^GLIBCXX_(\d+(?:\.\d+)+)$/.exec(name)?.[1] ?? []) ?? [];
    const needed = newest(versions);
    if (needed === undefined) return [];
    const message = `It needs libstdc++ with GLIBCXX_${needed} or newer.`;
    if (compareVersions(needed, NEWEST_USUAL_LIBSTDCXX) <= 0) return [note(message)];
    return [warning(`${message} Build it with an older compiler, or link it with -static-libstdc++.`)];
  },
);

const flavour = ofEachLibrary(
  {
    id: 'libc-of-folder',
    source: 'folder: <platform>-<arch>',
    title: 'A library for Linux is linked against glibc, and one in a folder that ends in -musl against musl',
    breaks: 'A host on Alpine opens a library for glibc, or a host on another Linux one for musl; neither works.',
  },
  ({ platform, triage: { libc, format } }) => {
    if (format !== 'elf' || libc === undefined || platform === undefined) return [];
    const expected = platform.musl ? 'musl' : 'glibc';
    if (libc.flavour === expected) return [];
    return [error(`Expected a library for ${expected} in the folder ${platform.name}, found one for ${libc.flavour}.`)];
  },
);

const macos = ofEachLibrary(
  {
    id: 'macos-baseline',
    source: 'platforms',
    title: `A library for macOS is built for macOS ${NEWEST_USUAL_MACOS} or an older one`,
    breaks: 'Users with an older macOS cannot load the plugin.',
  },
  ({ triage: { minSystemVersion: version } }): readonly Finding[] => {
    if (version === undefined) return [];
    const message = `It is built for macOS ${version} and newer.`;
    if (compareVersions(version, NEWEST_USUAL_MACOS) <= 0) return [note(message)];
    return [warning(`${message} Without a setting, compilers take the version of the machine that builds: set MACOSX_DEPLOYMENT_TARGET or CMAKE_OSX_DEPLOYMENT_TARGET.`)];
  },
);

const signature = ofEachLibrary(
  {
    id: 'macos-signature',
    source: 'triage',
    title: 'A library for macOS has a code signature that matches the file',
    breaks: 'On Apple silicon, macOS ends the process of the host that opens the library.',
  },
  ({ triage: { codeSignature, archs } }) => {
    if (codeSignature === undefined || codeSignature.state === 'valid' || codeSignature.state === 'unchecked') return [];
    const what = codeSignature.state === 'missing' ? 'The library has no code signature.' : `The code signature is broken: ${codeSignature.problem ?? ''}.`;
    const message = `${what} Sign it after the last tool that changes it: codesign --force --sign - followed by its path.`;
    return [codeSignature.state === 'broken' || archs.includes('arm64') ? error(message) : warning(message)];
  },
);

export const SYSTEM_CHECKS: readonly StaticCheck[] = [libcHere, glibc, libstdcxx, flavour, macos, signature];
