import type * as z from 'zod';
import { nearest, type ManifestProblem } from '../errors/index.js';
import { describe, keyPath, quote } from './describe.js';
import { member, type Position } from './positions.js';
import { TABLES } from './schema.js';
import type { TomlDocument } from './toml.js';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Translates the schema's issues into problems with the file's keys, in file order. */
export function problemsOf(issues: readonly Issue[], toml: TomlDocument): ManifestProblem[] {
  const problems = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => unknownKey(issue.path, key, toml)) : [wrongValue(issue, toml)],
  );
  return problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

function unknownKey(path: Path, key: string, { document, positions }: TomlDocument): ManifestProblem {
  const known = keysOf(path);
  const meant = nearest(key, known);
  const elsewhere = meant ?? keysElsewhere().find((candidate) => candidate.endsWith(`.${key}`));
  const full = meant === undefined ? elsewhere : keyPath([...path, meant]);
  return {
    key: keyPath([...path, key]),
    ...positions.find(document, [...path, key]),
    message: 'unknown key',
    expected: `one of ${known.join(', ')}`,
    found: quote(key),
    ...(full === undefined ? {} : { hint: `Did you mean ${full}?` }),
  };
}

function wrongValue(issue: Issue, { document, positions }: TomlDocument): ManifestProblem {
  if (issue.code === 'invalid_key') return wrongKey(issue.path, issue.issues[0]?.message ?? issue.message, positions.find(document, issue.path));
  const found = issue.path.reduce(member, document);
  const meant = issue.code === 'invalid_value' && typeof found === 'string' ? nearest(found, issue.values.map(String)) : undefined;
  return {
    key: keyPath(issue.path),
    ...positions.find(document, issue.path),
    message: found === undefined ? 'missing' : issue.code === 'invalid_type' ? 'wrong type' : 'not allowed',
    expected: issue.message,
    found: describe(found),
    ...(meant === undefined ? {} : { hint: `Did you mean ${meant}?` }),
  };
}

/** A key of a table whose keys are names that the author chooses. */
function wrongKey(path: Path, expected: string, position: Position | undefined): ManifestProblem {
  return { key: keyPath(path), ...position, message: 'the key is not allowed', expected, found: quote(String(path.at(-1) ?? '')) };
}

function keysOf(table: Path): readonly string[] {
  return TABLES[table.join('.')] ?? [];
}

/** The full paths of all keys inside tables. */
function keysElsewhere(): readonly string[] {
  return Object.entries(TABLES).flatMap(([table, keys]) => (table === '' ? [] : keys.map((key) => `${table}.${key}`)));
}
