import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Check } from '../../../src/cli/validate/check.js';
import { CHECKS } from '../../../src/cli/validate/checks.js';
import { projectRoot } from '../../support/fixtures.js';

const { renderPage } = (await import(pathToFileURL(path.join(projectRoot, 'scripts/validate/render.mjs')).href)) as { readonly renderPage: (checks: readonly Check[]) => string };

test('docs/validate.md has every check: run node --import tsx scripts/docs-validate.mjs', () => {
  const page = readFileSync(path.join(projectRoot, 'docs/validate.md'), 'utf8').replaceAll('\r\n', '\n');
  expect(page).toBe(renderPage(CHECKS));
});

test('every check has an id of its own, and says where it comes from, what it demands and what breaks', () => {
  const ids = CHECKS.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  expect(ids.filter((id) => !/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(id) || ['static', 'dynamic'].includes(id))).toEqual([]);
  const incomplete = CHECKS.filter(({ source, title, breaks }) => source === '' || !/^\S[^]*[^.]$/.test(title) || !/^\S[^]*\.$/.test(breaks));
  expect(incomplete.map(({ id }) => id)).toEqual([]);
});

test('there are at least 25 checks of the files', () => {
  expect(CHECKS.filter(({ kind }) => kind === 'static').length).toBeGreaterThanOrEqual(25);
});
