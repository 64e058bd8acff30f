/** Messages of the system's loader, and what to do about each. The first match is used. */
const HINTS: readonly (readonly [RegExp, (...groups: string[]) => string])[] = [
  [
    /version `((?:GLIBCXX|CXXABI|GCC)_[^']+)' not found/,
    (version) => `Build the plugin with an older C++ compiler, or link it with -static-libstdc++ -static-libgcc: this process's C++ library has no ${version}.`,
  ],
  [
    /version `(GLIBC_[^']+)' not found/,
    (version) => `Build the plugin on a system as old as this one, or update this system: its C library has no ${version}.`,
  ],
  [/version `([^']+)' not found/, (version) => `Install a release of that library that has ${version}, or build the plugin against the installed one.`],
  [
    /static TLS|initial-exec TLS/,
    () =>
      'Run the plugin in a process of its own, or build it without -ftls-model=initial-exec. With glibc, GLIBC_TUNABLES=glibc.rtld.optional_static_tls=16384 in the environment of the process reserves more space.',
  ],
  [
    /failed to map segment|cannot map|Operation not permitted/i,
    () => 'Move the plugin to a file system that is not mounted noexec, or allow it in the security policy of the system (SELinux, AppArmor).',
  ],
  [
    /cannot enable executable stack|executable stack/i,
    () => 'Link the plugin with -Wl,-z,noexecstack: this system allows no executable stacks.',
  ],
  [/cannot allocate memory|Cannot create|not enough memory/i, () => 'Give the process more memory, or raise its limit (memoryLimitBytes, ulimit -v).'],
  [/too many open files/i, () => 'Raise the limit on open files (ulimit -n) of the process. The plugin is not blamed.'],
  [
    /different Team IDs|library validation/i,
    () =>
      'The program validates libraries: it opens only those of its own team. Sign the library with the same Team ID, sign the program with the entitlement com.apple.security.cs.disable-library-validation, or set processes.nodePath to a Node with that entitlement.',
  ],
  [
    /disallowed by system policy|library load disallowed|quarantine/i,
    () => 'macOS blocks downloaded files that are not notarized. If you trust the library, remove the mark: xattr -d com.apple.quarantine followed by its path.',
  ],
  [/code signature|not valid for use in process|completely unsigned/i, () => 'Sign the library after the last tool that changes it: codesign --force --sign - followed by its path.'],
  [/wrong ELF class|invalid ELF header|file too short|bad CPU type|incompatible architecture/i, () => 'Install the build of the plugin for this system: the file, or a library that it needs, is for another system or is damaged.'],
];

/** The hint for a library that the system could not open, by the system's message. */
export function loadHint(reason: string): string {
  for (const [pattern, hint] of HINTS) {
    const found = pattern.exec(reason);
    if (found !== null) return hint(...found.slice(1));
  }
  return process.platform === 'linux'
    ? "See the operating system's message above; set LD_DEBUG=libs in the host's environment to see each step of the loader."
    : "See the operating system's message above.";
}
