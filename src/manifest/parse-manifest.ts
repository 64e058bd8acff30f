import { Buffer } from 'node:buffer';
import { LoadError, type ErrorContext, type ManifestProblem } from '../errors/index.js';
import { withoutAddedMembers } from '../options/added-members.js';
import { checked } from '../options/fields.js';
import { group } from '../options/group.js';
import { optionError } from '../options/option-error.js';
import { parseOwn } from '../options/parse-own.js';
import { readOptions } from '../options/read-options.js';
import { checkHostVersion, judgeHostVersion, type HostBounds } from './compatibility.js';
import { id, version } from './fields.js';
import { TomlError } from './guarded-parser.js';
import { toManifest, type Manifest } from './manifest.js';
import { member, positionIn } from './positions.js';
import { problemsOf } from './problems.js';
import { isRange, manifestSchema } from './schema.js';
import { parseToml, type TomlDocument } from './toml.js';

/** In UTF-8, including a byte order mark. */
export const MAX_MANIFEST_BYTES = 64 * 1024;

export interface ParseManifestOptions {
  /** The path of the manifest, for error messages. */
  readonly path?: string;
  /** Strict SemVer. It is checked first, so that a manifest for a newer host is refused for its version and not for unknown keys. */
  readonly hostVersion?: string;
}

const isString = (value: unknown): boolean => typeof value === 'string';
export const hostVersionOption = checked<string>('a version such as 1.0.0', isString);

const parseOptions = group<ParseManifestOptions>({ path: checked<string>("the path of the manifest's file", isString), hostVersion: hostVersionOption });

/**
 * Parses the manifest in `text` (TOML, at most 64 KiB; a byte order mark and CRLF are allowed).
 *
 * @throws {LoadError} ERR_MANIFEST, whose `problems` lists all problems (only one if the text is not TOML), each with
 * key, line, column, expected and found; ERR_VERSION_COMPATIBILITY with `hostVersion`; ERR_OPTIONS.
 */
export function parseManifest(text: string, options: ParseManifestOptions = {}): Manifest {
  if (!isString(text)) throw optionError('text', 'a string', text);
  const checkedOptions = readOptions(parseOptions, options);
  return withoutAddedMembers(() => parse(text, checkedOptions));
}

function parse(text: string, options: ParseManifestOptions): Manifest {
  const { path, hostVersion } = options;
  if (hostVersion !== undefined) checkHostVersion(hostVersion);
  const toml = readToml(text, path);
  const context = { path, pluginId: valid(id, member(toml.document.plugin, 'id')) };
  if (hostVersion !== undefined) judgeHostVersion(hostBounds(toml.document), hostVersion, context);
  const result = parseOwn(manifestSchema, toml.document);
  if (!result.success) throw manifestError(problemsOf(result.error.issues, toml), context);
  return toManifest(result.data);
}

export function manifestError(problems: readonly ManifestProblem[], context: ErrorContext): LoadError {
  return new LoadError('ERR_MANIFEST', { problems }, context);
}

function readToml(text: string, path: string | undefined): TomlDocument {
  const unfit = textProblem(text);
  if (unfit !== undefined) throw manifestError([unfit], { path });
  try {
    return parseToml(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    if (error instanceof TomlError) throw manifestError([error.problem], { path, cause: error.cause });
    throw error;
  }
}

function textProblem(text: string): ManifestProblem | undefined {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_MANIFEST_BYTES) return tooLarge(`${bytes} bytes`);
  const nul = text.indexOf('\0');
  if (nul === -1) return undefined;
  return { key: '', ...positionIn(text, nul), message: 'not a text file', expected: 'text without NUL', found: 'a NUL character' };
}

export function tooLarge(found: string): ManifestProblem {
  return { key: '', message: 'the file is too large', expected: `at most ${MAX_MANIFEST_BYTES} bytes`, found };
}

/** Ignores invalid bounds: the schema reports them. */
function hostBounds(document: Record<string, unknown>): HostBounds {
  const { compatibility } = document;
  const min = valid(version, member(compatibility, 'min_host_version'));
  const max = valid(version, member(compatibility, 'max_host_version'));
  return isRange({ min_host_version: min, max_host_version: max }) ? { minHostVersion: min, maxHostVersion: max } : {};
}

function valid(field: typeof id, value: unknown): string | undefined {
  const result = field.safeParse(value);
  return result.success ? result.data : undefined;
}
