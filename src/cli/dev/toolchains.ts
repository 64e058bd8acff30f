import { join } from 'node:path';
import { packageRoot } from '../../files/index.js';
import { libraryFilename } from '../../scan/index.js';
import { CARGO, CC_FOR_CGO, CMAKE, GO, ZIG, type Program } from '../new/toolchain.js';

/** A program that is run to build, with its arguments. */
export interface BuildStep {
  readonly program: string;
  readonly args: readonly string[];
}

/** What is built. */
export interface BuildPlace {
  /** The project, absolute. */
  readonly folder: string;
  /** A folder of `dev` for what has no place in the project. */
  readonly scratch: string;
}

/** A kind of project, and how it is built. */
export interface Toolchain {
  readonly name: string;
  /** The file in the project that tells the kind. */
  readonly file: string;
  readonly programs: readonly Program[];
  /** Run until they have succeeded once. */
  readonly prepare: (place: BuildPlace) => readonly BuildStep[];
  /** Run for each build. */
  readonly build: (place: BuildPlace) => readonly BuildStep[];
  /** Where the library is, if the name does not tell. */
  readonly library?: (place: BuildPlace) => string;
}

const buildFolder = ({ folder }: BuildPlace): string => join(folder, 'build');
const goLibrary = ({ scratch }: BuildPlace): string => join(scratch, libraryFilename('go'));
const cmakePackage = (): string => join(packageRoot() ?? '', 'cmake').replaceAll('\\', '/');

/** In this order: a project with two such files is built as the first says. */
const TOOLCHAINS: readonly Toolchain[] = [
  {
    name: 'CMake',
    file: 'CMakeLists.txt',
    programs: [CMAKE],
    prepare: (place) => [
      { program: 'cmake', args: ['-S', place.folder, '-B', buildFolder(place), '--no-warn-unused-cli', `-Daisopod-plugin_DIR=${cmakePackage()}`] },
    ],
    build: (place) => [{ program: 'cmake', args: ['--build', buildFolder(place), '--parallel'] }],
  },
  {
    name: 'Cargo',
    file: 'Cargo.toml',
    programs: [CARGO],
    prepare: () => [],
    build: () => [{ program: 'cargo', args: ['build', '--color', 'never'] }],
  },
  {
    name: 'Zig',
    file: 'build.zig',
    programs: [ZIG],
    prepare: () => [],
    build: () => [{ program: 'zig', args: ['build'] }],
  },
  {
    name: 'Go',
    file: 'go.mod',
    programs: [GO, CC_FOR_CGO],
    prepare: () => [],
    build: (place) => [{ program: 'go', args: ['build', '-buildmode=c-shared', '-o', goLibrary(place), '.'] }],
    library: goLibrary,
  },
];

/** A script of the project that builds it and puts the library in its place, as in the projects of `aisopod-plugin new`. */
const SCRIPT = 'build.mjs';
const byScript = { name: SCRIPT, prepare: () => [], build: () => [{ program: process.execPath, args: [SCRIPT] }] };

/** The kind of a project with these files; undefined if nothing builds it. */
export function toolchainOf(files: readonly string[]): Toolchain | undefined {
  const toolchain = TOOLCHAINS.find(({ file }) => files.includes(file));
  if (toolchain === undefined || !files.includes(SCRIPT)) return toolchain;
  const { file, programs } = toolchain;
  return { file, programs, ...byScript };
}

/** For messages. */
export const BUILD_FILES = TOOLCHAINS.map(({ file }) => file).join(', ');
