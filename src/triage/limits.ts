/**
 * Limits on what a file can make us read or keep. Real libraries stay far below (the largest on a developer's machine
 * export some 60,000 names), so a file that reaches one is hostile or broken.
 */
export const LIMITS = {
  /** Exported names kept; beyond this, `exportsTruncated` is set. */
  exports: 262_144,
  /** Bytes of exported names read; beyond this, `exportsTruncated` is set. */
  exportBytes: 64 * 1024 * 1024,
  /** Entries read from a symbol table or export trie; beyond this, `exportsTruncated` is set. */
  symbols: 1_048_576,
  /** Bytes of one symbol name. Mangled C++ names of 10,000 bytes exist. */
  symbolName: 65_536,
  /** Entries in tables that are small in real files: dynamic entries, needed versions, imports. */
  entries: 65_536,
  /** Needed libraries. */
  needed: 1_024,
  /** Bytes of a library name or search path. */
  path: 4_096,
  /** Bytes of the name of a symbol version or a section. */
  shortName: 256,
  /** Bytes of Mach-O load commands. */
  loadCommands: 1024 * 1024,
  /** Bytes of a Mach-O library that are compared with its code signature. Larger ones would block the event loop too long. */
  signedBytes: 128 * 1024 * 1024,
} as const;
