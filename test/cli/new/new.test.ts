/** New plugins, as an author gets them: written, built, and tested by their own tests. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CAPABILITY_KINDS, type CapabilityKind } from '../../../src/abi/constants.js';
import { LANGUAGES, type LanguageName } from '../../../src/cli/new/languages.js';
import { missingOf } from '../../../src/cli/new/toolchain.js';
import { parseManifest } from '../../../src/manifest/index.js';
import { installInto } from '../../docs/typescript.js';
import { npm, run } from '../../package/run.js';
import { isZig, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { isThorough } from '../../support/thorough.js';
import { cli, cliJson } from '../cli.js';
import { found, problemsIn, type Options } from '../validate/dynamic/validation.js';

/** A folder in which the package is installed. */
let folder: string;
beforeAll(() => {
  folder = temporaryFolder();
  installInto(folder);
});

/** The author's own home folder, where toolchains are. */
const { HOME, USERPROFILE } = process.env;
const env = { HOME, USERPROFILE };

/** The languages, and which of their programs are not installed here. */
const languages = await Promise.all((Object.keys(LANGUAGES) as LanguageName[]).map(async (lang) => ({ lang, missing: await missingOf(LANGUAGES[lang].programs) })));

/**
 * Kinds that are built beside `tool`. Each is built in C or C++, which need a second or two for it; `node scripts/validate-good.mjs`
 * builds every kind in every language.
 */
function kindsIn(lang: LanguageName): readonly CapabilityKind[] {
  const kinds = CAPABILITY_KINDS.filter((kind) => kind !== 'tool');
  if (isThorough) return kinds;
  return kinds.filter((_, index) => lang === (index % 2 === 0 ? 'c' : 'cpp'));
}

/** `node scripts/validate-good.mjs` runs every check on new plugins of every kind and language. */
const CHECKED: Options = isThorough ? {} : { only: ['static', 'starts-and-stops', 'registers-all', 'valid-calls'] };

describe.each(languages)('in $lang', ({ lang, missing }) => {
  const built = testWhere(missing.length === 0, missing.map(({ program }) => program).join(', '));
  /** Its own tests, as its author runs them. */
  const passesItsTests = (project: string): void => expect(run(process.execPath, ['--test', '--test-reporter=tap', 'test/plugin.test.mjs'], project)).toMatch(/^# pass [1-9]/m);

  for (const kind of kindsIn(lang)) {
    built(`a new ${kind} builds, and passes its own tests`, async () => {
      const id = `new-${lang}.${kind}`;
      expect(await cli(['new', id, '--lang', lang, '--kind', kind], { cwd: folder, env })).toMatchObject({ code: 0, stderr: '' });
      const project = path.join(folder, id);
      expect(npm('run build', project)).not.toMatch(/warning/i);
      passesItsTests(project);
    });
  }

  const exported = isZig && lang === 'cpp';
  const withoutFinding = exported ? testWhere(false, 'Zig: its C++ library is exported') : built;
  // One build for all of it: a build takes seconds.
  withoutFinding('three commands lead from an empty folder to a tool that answers, passes its own tests, and has no finding of validate', async () => {
    const id = `first-${lang}`;
    const { code, json } = await cliJson(['new', id, '--lang', lang], { cwd: folder, env });
    expect(code).toBe(0);
    const { next } = json as { readonly next: readonly string[] };
    expect(next).toHaveLength(2);
    expect(npm(next[0]?.replace(/^npm /, '') ?? '', folder)).not.toMatch(/warning/i);
    const plugin = path.join(id, 'plugin');
    expect(next[1]).toBe(`npx aisopod-plugin call ${plugin} first_${lang} '{"name":"Ada"}'`);
    const answer = await cli(['call', plugin, `first_${lang}`, '{"name":"Ada"}'], { cwd: folder });
    expect(answer).toMatchObject({ code: 0, stdout: '{\n  "greeting": "Hello, Ada!"\n}\n' });
    passesItsTests(path.join(folder, id));
    expect(problemsIn(await found(path.join(folder, plugin), CHECKED))).toEqual({});
  });

  test('no placeholder is left, the manifest is valid, and its schema is there', async () => {
    const { json } = await cliJson(['new', `words-${lang}`, '--lang', lang, '--kind', 'provider'], { cwd: folder });
    const { files, path: project } = json as { readonly files: readonly string[]; readonly path: string };
    expect(files).toEqual([...files].sort());
    for (const file of files) expect(readFileSync(path.join(project, file), 'utf8').replace(/\$\{\{.*?\}\}/g, '')).not.toMatch(/\{\{\w*\}\}/);
    const manifest = readFileSync(path.join(project, 'plugin/aisopod.plugin.toml'), 'utf8');
    expect(parseManifest(manifest).capabilities.providers).toEqual([`words-${lang}`]);
    const [, schema = ''] = /^#:schema (.+)$/m.exec(manifest) ?? [];
    expect(existsSync(path.join(project, 'plugin', schema))).toBe(true);
  });
});

test('what is not empty is left alone', async () => {
  mkdirSync(path.join(folder, 'taken'));
  writeFileSync(path.join(folder, 'taken/mine.txt'), 'mine');
  const { code, stderr } = await cli(['new', 'taken'], { cwd: folder });
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('is not empty; choose another folder with --dir') });
  expect(readdirSync(path.join(folder, 'taken'))).toEqual(['mine.txt']);
});

test('an empty folder is filled', async () => {
  mkdirSync(path.join(folder, 'with space/empty'), { recursive: true });
  const { code, stdout } = await cli(['new', 'weather', '--dir', 'with space/empty'], { cwd: folder });
  expect(code).toBe(0);
  expect(stdout).toContain(`npm run build --prefix "with space/empty"`);
  expect(existsSync(path.join(folder, 'with space/empty/plugin/aisopod.plugin.toml'))).toBe(true);
});

test.each(['Weather', 'con', '-x', '../x', 'a'.repeat(65)])('the name %s is checked as in a manifest, and nothing is written', async (name) => {
  const empty = temporaryFolder();
  const { code, stderr } = await cli(['new', '--lang', 'c', '--', name], { cwd: empty });
  expect(code).not.toBe(0);
  expect(stderr).toContain('an id: 1 to 64 of a-z');
  expect(readdirSync(empty)).toEqual([]);
});

test.each([
  [['--lang', 'cobol'], '--lang must be one of c, cpp, rust, zig, go'],
  [['--lang', 'rustt'], 'did you mean rust?'],
  [['--kind', 'hok'], '--kind must be one of tool, command, hook, channel, provider, not hok; did you mean hook?'],
])('%j is wrong usage', async (options, message) => {
  const empty = temporaryFolder();
  const { code, stderr } = await cli(['new', 'weather', ...options], { cwd: empty });
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  expect(readdirSync(empty)).toEqual([]);
});

test('a missing toolchain is named, with how to get it', async () => {
  const { code, stdout, stderr } = await cli(['new', 'no-tools', '--lang', 'cpp'], { cwd: folder, env: { PATH: folder, Path: folder } });
  expect(code).toBe(0);
  expect(stderr).toMatch(/^CMake 3\.16 or newer is not installed\n→ to get it: .*cmake/im);
  expect(stdout).toContain('npm run build');
});

test('a name in other places is a valid one', async () => {
  const { json } = await cliJson(['new', '3d.my-render_er'], { cwd: folder });
  const { path: project } = json as { readonly path: string };
  const manifest = parseManifest(readFileSync(path.join(project, 'plugin/aisopod.plugin.toml'), 'utf8'));
  expect(manifest).toMatchObject({ plugin: { name: '3d my render er', entryPoint: '3d.my-render_er' }, capabilities: { tools: ['plugin_3d_my_render_er'] } });
});
