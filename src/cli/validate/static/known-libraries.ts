import { basename, posix } from 'node:path';
import type { Facts } from '../../../triage/index.js';
import type { FolderEntry } from '../list-folder.js';

/** Libraries that every system with Node has: parts of the C library, and those that Node itself needs. */
const ON_LINUX = /^(?:lib(?:c|m|dl|rt|pthread|util|gcc_s|stdc\+\+|atomic|resolv)\.so(?:\.\d+)*|ld-linux[\w.-]*|ld-musl-[\w.-]*|ld64\.so\.\d|libc\.musl-[\w.-]*)$/;
const ON_WINDOWS =
  /^(?:api-ms-|ext-ms-)|^(?:kernel32|kernelbase|ntdll|user32|gdi32|advapi32|shell32|shlwapi|ole32|oleaut32|ws2_32|wsock32|bcrypt|bcryptprimitives|ncrypt|crypt32|secur32|userenv|iphlpapi|dnsapi|winhttp|wininet|version|winmm|psapi|dbghelp|rpcrt4|comctl32|comdlg32|setupapi|powrprof|synchronization|msvcrt|ucrtbase|vcruntime\d+(?:_\d+)?|msvcp\d+(?:_\d+)?|mswsock|imm32|dwmapi|uxtheme)\.dll$/i;
const ON_MACOS = /^(?:\/usr\/lib\/|\/System\/Library\/)/;

export function isOnEverySystem({ format }: Pick<Facts, 'format'>, name: string): boolean {
  if (format === 'pe') return ON_WINDOWS.test(name);
  return (format === 'macho' ? ON_MACOS : ON_LINUX).test(name);
}

/** Whether the plugin folder has a file of this name in the folder of its library or below. */
export function shipsWith(library: string, name: string, entries: readonly FolderEntry[]): boolean {
  const folder = posix.dirname(library);
  const isInside = (path: string): boolean => folder === '.' || path.startsWith(`${folder}/`);
  return entries.some((entry) => entry.kind !== 'folder' && isInside(entry.name) && posix.basename(entry.name).toLowerCase() === basename(name).toLowerCase());
}
