import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { certificateFolder } from '../../library/index.js';
import { libcAmong } from '../../machine/libc-flavour.js';
import { libraryFolders, loaderSettings } from './library-folders.js';
import { LIST, READ, RUN, WRITE_DEVICE, type PathRule } from './landlock.js';

const withRights = (rights: number, paths: readonly string[]): readonly PathRule[] => paths.map((path) => ({ path, rights }));

/**
 * What `program`, the program of a child, needs of the system. What this process has mapped and loaded is what it will map and load as the
 * next program: Node, its libraries, the loader, koffi and this package.
 */
export function ownFiles(program: string): readonly PathRule[] {
  const mapped = mappedFiles();
  const libraries = mapped.filter((path) => /\.so(\.|$)/.test(path));
  return [
    ...withRights(RUN, [realpathSync(process.execPath), ...loadersAmong(libraries)]),
    ...withRights(READ, [...mapped, ...new Set([...libraries.map((path) => dirname(path)), ...libraryFolders()]), ...loadedPackages(), realpathSync(program)]),
    ...withRights(READ, [...SYSTEM_FILES, ...loaderSettings(), ...openSslFiles(), ...memoryLimits()]),
    ...withRights(WRITE_DEVICE, ['/dev/null']),
  ];
}

/** The system starts a program by its loader. That of musl is its C library, and some systems have only a link `ld-musl-*` to it. */
export function loadersAmong(libraries: readonly string[]): readonly string[] {
  const libc = libcAmong(libraries);
  return libraries.filter((path) => /\/ld-[^/]*$/.test(path) || (libc?.flavour === 'musl' && path === libc.path));
}

/** Devices, facts about the machine, time zones and locales. */
const SYSTEM_FILES = [
  '/dev/zero',
  '/dev/urandom',
  '/dev/random',
  '/proc/meminfo',
  '/proc/cpuinfo',
  '/proc/stat',
  '/proc/version',
  '/proc/sys/vm/overcommit_memory',
  '/proc/sys/kernel/random/boot_id',
  '/sys/devices/system/cpu',
  '/etc/localtime',
  '/usr/share/zoneinfo',
  '/usr/lib/locale',
  '/usr/share/locale',
];

/** Needed to find the addresses of names, and to check certificates. */
export const networkFiles = (): readonly PathRule[] =>
  withRights(READ, ['/etc/resolv.conf', '/etc/hosts', '/etc/nsswitch.conf', '/etc/host.conf', '/etc/gai.conf', '/etc/services', ...CERTIFICATES]);

const CERTIFICATES = ['/etc/ssl/certs', '/usr/share/ca-certificates', '/usr/local/share/ca-certificates', '/etc/pki/tls/certs', '/etc/pki/ca-trust/extracted'];

/** The files of this process in /proc. Not the whole folder: it also lists the system's sockets. */
const PROCESS_FILES = ['maps', 'smaps', 'stat', 'statm', 'status', 'limits', 'cgroup', 'cmdline', 'comm', 'auxv'];

export function processFiles(): readonly PathRule[] {
  const folder = `/proc/${process.pid}`;
  return [...withRights(READ, PROCESS_FILES.map((name) => join(folder, name))), ...withRights(LIST, [join(folder, 'fd')])];
}

/** The column of the path in /proc/self/maps. */
const PATH_COLUMN = 73;

function mappedFiles(): readonly string[] {
  const paths = readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .map((line) => line.slice(PATH_COLUMN).trim());
  return [...new Set(paths)].filter((path) => path.startsWith('/') && existsSync(path));
}

/** The folders of the packages that this program is made of. */
export function loadedPackages(): readonly string[] {
  const { cache } = createRequire(process.argv[1]!);
  return [...new Set(Object.keys(cache).map((file) => packageOf(file)))];
}

/** The folder with the package.json that Node reads for a file. */
function packageOf(file: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
  return dirname(file);
}

/** Node does not start if it may not read the configuration of its OpenSSL. */
function openSslFiles(): readonly string[] {
  const folder = certificateFolder();
  return folder === undefined ? [] : [join(folder, 'openssl.cnf')];
}

/** Node reads the limits of its control group, to size its heap. */
function memoryLimits(): readonly string[] {
  const groups = readFileSync('/proc/self/cgroup', 'utf8').matchAll(/^\d+:([^:]*):(.*)$/gm);
  return [...groups].flatMap(([, controllers = '', group = '']) => {
    const [root, names] =
      controllers === '' ? ['/sys/fs/cgroup', ['memory.max', 'memory.high', 'cpu.max', 'cgroup.controllers']] : [`/sys/fs/cgroup/${controllers}`, V1_LIMITS];
    return [group, '/'].flatMap((at) => names.map((name) => join(root, at, name)));
  });
}

const V1_LIMITS = ['memory.limit_in_bytes', 'memory.soft_limit_in_bytes', 'cpu.cfs_quota_us', 'cpu.cfs_period_us', 'cpu.shares'];
