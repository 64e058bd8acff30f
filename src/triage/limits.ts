/**
 * Bounds on what a file can make us read or keep. Each is far above what real libraries hold
 * (the largest on a developer's machine export some 60,000 names), so meeting one means a hostile or broken file.
 */
export const LIMITS = {
  /** Exported names kept; past it `exportsTruncated` is set. */
  exports: 262_144,
  /** Bytes of exported names read; past it `exportsTruncated` is set. */
  exportBytes: 64 * 1024 * 1024,
  /** Entries looked at in a symbol table or export trie; past it `exportsTruncated` is set. */
  symbols: 1_048_576,
  /** Bytes of one symbol name. Mangled C++ names of 10,000 bytes exist. */
  symbolName: 65_536,
  /** Entries in a table that is small in every real file: dynamic entries, version needs, imports. */
  entries: 65_536,
  /** Libraries named as needed. */
  needed: 1_024,
  /** Bytes of a library name or search path. */
  path: 4_096,
  /** Bytes of the name of a symbol version or a section. */
  shortName: 256,
  /** Bytes of Mach-O load commands. */
  loadCommands: 1024 * 1024,
} as const;
