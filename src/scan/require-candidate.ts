import { optionError } from '../options/option-error.js';
import type { Candidate } from './discovery.js';

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Why a value is not a Candidate. */
function problemOf(value: unknown): readonly [member: string, expected: string, found: unknown] | undefined {
  if (!isObject(value)) return ['', 'a candidate, as discover() returns it', value];
  const { id, path, manifest } = value as Partial<Candidate>;
  if (!isText(id)) return ['.id', 'a plugin id', id];
  if (!isText(path)) return ['.path', 'the path of the plugin folder', path];
  if (!isObject(manifest) || !isObject(manifest.plugin)) return ['.manifest', 'a manifest, as readManifest() returns it', manifest];
  return undefined;
}

/** Validates a candidate from a caller; `argument` is its name in errors. @throws LoadError ERR_OPTIONS */
export function requireCandidate(value: unknown, argument = 'candidate'): asserts value is Candidate {
  const problem = problemOf(value);
  if (problem === undefined) return;
  const [member, expected, found] = problem;
  throw optionError(`${argument}${member}`, expected, found);
}
