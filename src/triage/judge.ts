import { abiRangeText } from '../abi/version.js';
import { HEADER_SIZES, HEADER_VERSION, type HeaderSizes } from '../abi/header-sizes.js';
import type { ErrorFields } from '../errors/index.js';
import type { Dependency } from './dependencies.js';
import type { Facts, Format } from './facts.js';
import type { Target } from './target.js';
import type { RefusalCode, RefusalOf, Verdict } from './verdict.js';
import { compareVersions } from './version.js';
import { uncertainties, advisories } from './warnings.js';

/** The symbols that every plugin exports. */
export const REQUIRED_SYMBOLS = ['aisopod_plugin_abi_version', 'aisopod_plugin_create'] as const;

/** The library format of each platform that does not use ELF. */
const NATIVE_FORMAT: Readonly<Record<string, Format>> = { darwin: 'macho', win32: 'pe' };
const FORMAT_NAMES = { elf: 'an ELF library', macho: 'a Mach-O library', pe: 'a PE library' } as const;

/** Facts, and the names of the dependencies that were not found. */
export type Judged = Facts & { readonly missing: readonly string[]; readonly dependencies?: readonly Dependency[] };

/** Decides whether a library can work on `target`. Refuses only what cannot work; if that is uncertain, the verdict is `unknown`. */
export function judge(facts: Judged, target: Target): Verdict {
  const uncertain = uncertainties(facts, target);
  const warnings = [...uncertain, ...advisories(facts)];
  const refusal =
    wrongPlatform(facts, target) ??
    wrongArchitecture(facts, target) ??
    badSignature(facts, target) ??
    libcTooOld(facts, target) ??
    abiMismatch(facts, target) ??
    wrongStructSize(facts) ??
    missingSymbol(facts);
  if (refusal !== undefined) return { ...refusal, warnings };
  return { kind: uncertain.length > 0 ? 'unknown' : 'fits', warnings };
}

type Found<C extends RefusalCode> = Omit<RefusalOf<C>, 'warnings'> | undefined;

function refuse<C extends RefusalCode>(code: C, expected: string, found: string, fields: ErrorFields<C>): Found<C> {
  return { kind: 'unfit', code, expected, found, fields };
}

function wrongPlatform({ format, os }: Facts, { platform }: Target): Found<'ERR_WRONG_PLATFORM'> {
  const native = format === (NATIVE_FORMAT[platform] ?? 'elf');
  if (native && (os === undefined || os === platform)) return undefined;
  const found = os === undefined ? FORMAT_NAMES[format] : `${os} (${FORMAT_NAMES[format]})`;
  return refuse('ERR_WRONG_PLATFORM', platform, found, { expected: platform, found });
}

function wrongArchitecture(facts: Facts, target: Target): Found<'ERR_WRONG_ARCHITECTURE'> {
  if (facts.arch !== target.arch) {
    const found = facts.archs.join(', ');
    return refuse('ERR_WRONG_ARCHITECTURE', target.arch, found, { expected: target.arch, found });
  }
  if (facts.endianness === target.endianness) return undefined;
  const [expected, found] = [`${target.arch} (${target.endianness})`, `${facts.arch} (${facts.endianness})`];
  return refuse('ERR_WRONG_ARCHITECTURE', expected, found, { expected, found });
}

/** On arm64 macOS ends a process that runs a page without a valid signature. On x64 it opens unsigned libraries. */
function badSignature({ codeSignature }: Facts, { platform, arch }: Target): Found<'ERR_CODE_SIGNATURE'> {
  if (platform !== 'darwin' || arch !== 'arm64' || codeSignature === undefined) return undefined;
  const { state, problem } = codeSignature;
  if (state !== 'missing' && state !== 'broken') return undefined;
  const [expected, found] = ['a code signature that matches the library', state === 'missing' ? 'no code signature' : `a broken one: ${problem ?? ''}`];
  return refuse('ERR_CODE_SIGNATURE', expected, found, { expected, found });
}

function libcTooOld({ libc: needs }: Facts, { libc: has }: Target): Found<'ERR_LIBC_TOO_OLD'> {
  if (needs?.version === undefined || has?.version === undefined || needs.flavour !== has.flavour) return undefined;
  if (compareVersions(needs.version, has.version) <= 0) return undefined;
  const [expected, found] = [`${needs.flavour} ${needs.version}`, `${has.flavour} ${has.version}`];
  return refuse('ERR_LIBC_TOO_OLD', expected, found, { expected, found });
}

/** Without a note, the ABI version is only known once the library is open: aisopod_plugin_abi_version() returns it. */
function abiMismatch({ note }: Facts, { abi }: Target): Found<'ERR_ABI_MISMATCH'> {
  if (note === undefined || (note.abiVersion >= abi.min && note.abiVersion <= abi.max)) return undefined;
  const supported = `ABI version ${abiRangeText(abi)}`;
  return refuse('ERR_ABI_MISMATCH', supported, `ABI version ${note.abiVersion}`, {
    expected: abi,
    found: note.abiVersion,
    source: 'note',
  });
}

/** Each header version fixes the struct sizes. Only a newer, unknown header may have larger structs: members are only appended. */
function wrongStructSize({ note }: Facts): Found<'ERR_STRUCT_SIZE'> {
  if (note?.headerVersion === undefined) return undefined;
  const { headerVersion } = note;
  const isNewer = headerVersion > HEADER_VERSION;
  const sizes = HEADER_SIZES.get(isNewer ? HEADER_VERSION : headerVersion);
  if (sizes === undefined) {
    const [expected, found] = [`a header version of 1 to ${HEADER_VERSION}, or a newer one`, String(headerVersion)];
    return refuse('ERR_STRUCT_SIZE', expected, found, { member: 'header_version', expected, found });
  }
  for (const [member, size] of Object.entries(sizes) as [keyof HeaderSizes, number][]) {
    const noted = note[member];
    if (noted === undefined || noted === size || (isNewer && noted > size)) continue;
    const struct = `aisopod_${member.slice(0, -'Size'.length)}`;
    const [expected, found] = [`${isNewer ? 'at least ' : ''}${size} bytes (header version ${headerVersion})`, `${noted} bytes`];
    return refuse('ERR_STRUCT_SIZE', `${struct} of ${expected}`, found, { member: struct, expected, found });
  }
  return undefined;
}

function missingSymbol(facts: Facts): Found<'ERR_MISSING_SYMBOL'> {
  if (facts.exportsTruncated) return undefined;
  const symbol = REQUIRED_SYMBOLS.find((name) => !facts.exports.includes(name));
  if (symbol === undefined) return undefined;
  return refuse('ERR_MISSING_SYMBOL', `the exported function ${symbol}`, `${facts.exports.length} exports, not among them`, { symbol });
}
