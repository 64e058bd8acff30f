/** The published schema and the parser, over every manifest of the repository and the hostile ones: they agree, or the difference is named. */
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { readManifest } from '../../src/manifest/index.js';
import { parseToml } from '../../src/manifest/toml.js';
import { projectRoot } from '../support/fixtures.js';

const validate = new Ajv2020({ strict: true }).compile(JSON.parse(readFileSync(path.join(projectRoot, 'schemas/manifest.json'), 'utf8')) as object);

/** What a schema cannot express. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  'range-empty.toml': 'min_host_version is above max_host_version',
  'invalid-utf8.toml': 'the bytes are not UTF-8: an editor shows replacement characters, and what it shows is valid',
  'truncated-utf8.toml': 'the same',
};

const accepts = (file: string): Promise<boolean> => readManifest(file).then(() => true, () => false);

/** The document as an editor has it; `undefined` if it is not even TOML. */
function documentOf(file: string): unknown {
  try {
    return parseToml(readFileSync(file, 'utf8').replace(/^\uFEFF/, '')).document;
  } catch {
    return undefined;
  }
}

async function expectAgreement(file: string): Promise<void> {
  const document = documentOf(file);
  const accepted = await accepts(file);
  if (document === undefined) expect(accepted).toBe(false);
  else if (DIFFERENCES[path.basename(file)] === undefined) expect({ file, accepted: validate(document) }).toEqual({ file, accepted });
  else expect({ file, schema: validate(document), parser: accepted }).toEqual({ file, schema: true, parser: false });
}

const manifestsIn = (folder: string): string[] =>
  readdirSync(path.join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => path.basename(file) === 'aisopod.plugin.toml' && !file.includes('node_modules'))
    .map((file) => path.join(folder, file));

describe('every manifest of the repository', () => {
  const files = ['examples', 'native-fixtures'].flatMap(manifestsIn);
  test('there are many', () => {
    expect(files.length).toBeGreaterThan(40);
  });
  test.each(files)('%s', async (file) => {
    await expectAgreement(path.join(projectRoot, file));
  });
});

describe('every manifest of the corpus', () => {
  const folder = path.join(projectRoot, 'test/corpus/manifest');
  const files = readdirSync(folder).filter((name) => name.endsWith('.toml'));
  test.each(files)('%s', async (name) => {
    await expectAgreement(path.join(folder, name));
  });
  test('each difference is that of a file', () => {
    expect(Object.keys(DIFFERENCES).filter((name) => !files.includes(name))).toEqual([]);
  });
});

test('every object and every value of the schema has a description, which editors show', () => {
  const missing: string[] = [];
  const visit = (schema: unknown, at: string): void => {
    const { properties = {}, description } = schema as { properties?: Record<string, unknown>; description?: string };
    if (description === undefined && at !== '') missing.push(at);
    for (const [key, value] of Object.entries(properties)) visit(value, `${at}/${key}`);
  };
  visit(JSON.parse(readFileSync(path.join(projectRoot, 'schemas/manifest.json'), 'utf8')), '');
  expect(missing).toEqual([]);
});

test('its patterns have nothing that the engines of editors do not know', () => {
  const text = readFileSync(path.join(projectRoot, 'schemas/manifest.json'), 'utf8');
  const patterns = [...text.matchAll(/"pattern": (".*")/g)].map(([, pattern = '']) => JSON.parse(pattern) as string);
  expect(patterns.length).toBeGreaterThan(20);
  expect(patterns.filter((pattern) => /\[\^\]|\\p\{C[sS]\}/.test(pattern))).toEqual([]);
});
