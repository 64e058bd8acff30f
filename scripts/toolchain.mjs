import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What to install, by platform. */
const INSTALL = {
  linux: {
    cmake: 'sudo apt install cmake (Debian, Ubuntu) or sudo dnf install cmake (Fedora)',
    compilers: 'sudo apt install build-essential (Debian, Ubuntu) or sudo dnf install gcc gcc-c++ make (Fedora)',
  },
  darwin: { cmake: 'brew install cmake', compilers: 'xcode-select --install' },
  win32: {
    cmake: 'winget install Kitware.CMake',
    compilers:
      'winget install Microsoft.VisualStudio.2022.BuildTools --override "--add Microsoft.VisualStudio.Workload.VCTools --includeRecommended"',
  },
};

/** Runs `--version` instead of looking for the file: on macOS `cc` exists as a stub before Xcode's tools are installed. */
function runs(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore', windowsHide: true }).status === 0;
}

/** Visual Studio's compiler is not in PATH. CMake finds it with vswhere too. */
function hasVisualStudio() {
  const vswhere = join(process.env['ProgramFiles(x86)'] ?? '', 'Microsoft Visual Studio', 'Installer', 'vswhere.exe');
  if (!existsSync(vswhere)) return false;
  const component = `Microsoft.VisualStudio.Component.VC.Tools.${process.arch === 'arm64' ? 'ARM64' : 'x86.x64'}`;
  const found = spawnSync(vswhere, ['-products', '*', '-requires', component, '-property', 'installationPath']);
  return found.status === 0 && found.stdout.length > 0;
}

/** A C and a C++ compiler, and the build tool for CMake: one package contains all three. */
function hasCompilers() {
  if (process.platform === 'win32' && hasVisualStudio()) return true;
  const { CC, CXX } = process.env;
  return [CC ? [CC] : ['cc', 'gcc', 'clang'], CXX ? [CXX] : ['c++', 'g++', 'clang++'], ['make', 'ninja']].every((candidates) =>
    candidates.some(runs),
  );
}

/**
 * Checks that native code can be built here: CMake, and C and C++ compilers.
 * If not, prints what to install and exits with 1.
 */
export function requireToolchain() {
  const advice = INSTALL[process.platform] ?? INSTALL.linux;
  const missing = [];
  if (!runs('cmake')) missing.push(`CMake is missing: ${advice.cmake}`);
  if (!hasCompilers()) missing.push(`a C and C++ compiler is missing: ${advice.compilers}`);
  if (missing.length === 0) return;
  console.error(`The native plugins cannot be built here. ${missing.join('; ')}`);
  process.exit(1);
}
