import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Check, Finding } from '../../../src/cli/validate/check.js';
import { junitOf } from '../../../src/cli/validate/junit.js';
import { outcomeOf, type Outcome } from '../../../src/cli/validate/outcome.js';
import { readContents } from '../../../src/cli/validate/plugin-contents.js';
import { printOutcomes } from '../../../src/cli/validate/print-outcomes.js';
import { Progress } from '../../../src/cli/validate/progress.js';
import { summaryLine } from '../../../src/cli/validate/summary-line.js';
import type { Terminal } from '../../../src/cli/terminal.js';
import { fixtureDir, temporaryFolder } from '../../support/fixtures.js';
import { cli, cliJson } from '../cli.js';
import { folderWith, manifestWith } from './folders.js';

const check = (id: string, kind: 'static' | 'dynamic' = 'static'): Check => {
  const row = { id, source: 'rule 7', title: `The title of ${id}`, breaks: `What breaks without ${id}.` };
  return kind === 'static' ? { ...row, kind, run: () => [] } : { ...row, kind, run: () => Promise.resolve([]) };
};
const outcome = (id: string, findings: readonly Finding[], kind?: 'static' | 'dynamic'): Outcome => outcomeOf(check(id, kind), findings, 1500);
const finding = (severity: Finding['severity'], message = `a ${severity}`, details?: string): Finding => ({ severity, message, ...(details !== undefined && { details }) });

const OUTCOMES = [
  outcome('one', []),
  outcome('two', [finding('error', 'It <crashed> & "burned"\u0001.', 'stack:\n#0  here'), finding('warning')], 'dynamic'),
  outcome('three', [finding('warning', 'It is old.')]),
  outcome('four', [finding('skipped', 'Not on this system.')]),
  outcome('five', [finding('note', 'It needs glibc 2.34.')]),
];

test('the worst finding decides, and notes count as nothing', () => {
  expect(OUTCOMES.map(({ status }) => status)).toEqual(['passed', 'failed', 'warned', 'skipped', 'passed']);
  expect(outcome('six', [finding('skipped'), finding('note')]).status).toBe('skipped');
  expect(outcome('seven', [finding('skipped'), finding('warning')]).status).toBe('warned');
});

test('the summary has the plugin, the counts, the platform and the seed in one line', async () => {
  const line = summaryLine(await readContents(fixtureDir('good-c')), OUTCOMES, 42);
  expect(line).toBe(`good-c 1.0.0: 2 passed, 1 failed, 1 with warnings, 1 skipped (aisopod-plugin  validate, ${process.platform}-${process.arch}, seed 42)`);
});

function printed(verbose: boolean): string[] {
  const lines: string[] = [];
  const output = { line: (text = '') => void lines.push(text), style: (_style: string, text: string) => text };
  const terminal: Terminal = { out: output, err: output, width: 100 };
  printOutcomes(terminal, OUTCOMES, { folder: 'my plugin', seed: 42, sanitize: false, config: undefined, verbose });
  return lines;
}

describe('the table for people', () => {
  test('says of a failure what was found, what breaks, where it is explained and how to run just that', () => {
    expect(printed(false).join('\n')).toContain(
      [
        '✗ two  The title of two (rule 7)',
        '    It <crashed> & "burned"\ufffd.',
        '      stack:',
        '      #0  here',
        '    a warning',
        '    breaks  What breaks without two.',
        '    docs    docs/validate.md#two; docs/abi.md, rule 7',
        '    rerun   aisopod-plugin validate "my plugin" --only two --seed 42',
      ].join('\n'),
    );
  });

  test('puts failures last, where a terminal shows them, and needs no seed to repeat a check of files', () => {
    const lines = printed(false);
    expect(lines.filter((line) => /^[✓✗!•-] /.test(line)).map((line) => line[0])).toEqual(['•', '-', '!', '✗']);
    expect(lines).toContain('    rerun   aisopod-plugin validate "my plugin" --only three');
  });

  test('shows what passed only if asked', () => {
    expect(printed(false).join('\n')).not.toContain('✓');
    expect(printed(true)).toContain('✓ one  The title of one (rule 7)');
  });
});

test('JUnit: a test for each check, with its failures, and text that no parser stumbles over', async () => {
  const xml = junitOf(await readContents(fixtureDir('good-c')), OUTCOMES);
  expect(xml).toContain('<testsuite name="good-c" tests="5" failures="1" errors="0" skipped="1" time="7.500">');
  expect(xml).toContain('<testcase classname="good-c.static" name="one" time="1.500"/>');
  expect(xml).toContain('<failure type="rule 7" message="It &lt;crashed&gt; &amp; &quot;burned&quot;\ufffd.">');
  expect(xml).toContain('<skipped message="Not on this system."/>');
  expect(xml).toContain('<system-out>It is old.</system-out>');
  // The XML parser that is on most machines, if it is on this one.
  const file = path.join(temporaryFolder(), 'results.xml');
  writeFileSync(file, xml);
  const parsed = spawnSync('python3', ['-c', 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])', file], { encoding: 'utf8' });
  expect(parsed.error !== undefined || parsed.status === 0 ? '' : parsed.stderr).toBe('');
});

test('progress is one line on a terminal, and nothing elsewhere', () => {
  const written: string[] = [];
  const stream = (isTTY: boolean): NodeJS.WriteStream => ({ isTTY, columns: 30, write: (text: string) => written.push(text) }) as unknown as NodeJS.WriteStream;
  const quiet = new Progress(2, stream(false));
  quiet.start(check('one'));
  quiet.clear();
  expect(written).toEqual([]);
  const shown = new Progress(2, stream(true));
  shown.start(check('a-check-with-a-name-that-is-too-long'));
  shown.start(check('b'));
  shown.end(check('a-check-with-a-name-that-is-too-long'));
  shown.clear();
  expect(written.map((text) => text.replace('\r\x1b[K', ''))).toEqual(['0/2 a-check-with-a-name-that-', '0/2 a-check-with-a-name-that-', '1/2 b', '']);
});

describe('the command', () => {
  test('exits with 0 for warnings, with 1 for them if --strict, and with 1 for errors', async () => {
    const warned = fixtureDir('own-deflate');
    expect((await cli(['validate', warned, '--only', 'static'])).code).toBe(0);
    expect((await cli(['validate', warned, '--only', 'static', '--strict'])).code).toBe(1);
    expect((await cli(['validate', fixtureDir('truncated'), '--only', 'static'])).code).toBe(1);
  });

  test.each([
    [[], 'needs the folder'],
    [['.', '--only', 'manifest-vald'], 'did you mean manifest-valid?'],
    [['.', '--skip', 'xyzzy'], 'there is no check xyzzy'],
    [['.', '--jobs', '0'], '--jobs needs a whole number of at least 1'],
    [['.', '--seed', '1.5'], '--seed needs a whole number'],
    [['.', '--timeout', 'soon'], '--timeout needs a whole number'],
  ])('refuses %j as wrong usage', async (args, message) => {
    const { code, stderr } = await cli(['validate', ...args]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  test('--only and --skip choose checks, by id or kind', async () => {
    const ids = async (...args: string[]): Promise<string[]> => ((await cliJson(['validate', '--list', ...args])).json as { checks: { id: string }[] }).checks.map(({ id }) => id);
    const all = await ids();
    expect(await ids('--only', 'static', '--skip', 'manifest-valid')).toEqual((await ids('--only', 'static')).filter((id) => id !== 'manifest-valid'));
    expect(await ids('--only', 'manifest-valid', '--only', 'note-present')).toEqual(['manifest-valid', 'note-present']);
    expect([...(await ids('--only', 'static')), ...(await ids('--only', 'dynamic'))].sort()).toEqual(all.sort());
    expect((await cli(['validate', '--list'])).stdout).toContain('manifest-valid');
  });

  test('writes JUnit to a file, and says if it cannot', async () => {
    const file = path.join(temporaryFolder(), 'results.xml');
    const args = ['validate', fixtureDir('good-c'), '--only', 'manifest-valid', '--junit'];
    expect((await cli([...args, file])).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toContain('name="manifest-valid"');
    expect(await cliJson([...args, path.join(file, 'below-a-file')])).toMatchObject({ code: 1, json: { error: { code: 'ERR_IO' } } });
  });

  test('runs the plugin with the configuration in --config, which is JSON or a file', async () => {
    const file = path.join(temporaryFolder(), 'my config.json');
    writeFileSync(file, '\ufeff{"greeting":""}');
    const start = (...args: string[]): ReturnType<typeof cli> => cli(['validate', fixtureDir('good-c'), '--only', 'starts-and-stops', ...args]);
    const unwrapped = ({ stdout }: { readonly stdout: string }): string => stdout.replaceAll(/\s+/g, ' ');
    const refused = await start('--config', file);
    expect(refused.stdout).toContain('init returned FAILED: greeting must not be empty');
    expect(unwrapped(refused)).toContain(`--only starts-and-stops --seed 1 --config "${file}"`);
    expect(unwrapped(await start('--config', '{"greeting":""}'))).toContain(`--config '{"greeting":""}'`);
    expect((await start('--config', '{"greeting":"hi"}')).code).toBe(0);
    expect(await start('--config', '{"greeting":1}')).toMatchObject({ code: 1, stderr: expect.stringContaining('greeting') });
    expect(await start('--config', '{')).toMatchObject({ code: 2, stderr: expect.stringContaining('--config must be JSON') });
    expect(await start('--config', `${file}.old`)).toMatchObject({ code: 1, stderr: expect.stringContaining('read the configuration') });
  });

  test('does not run a plugin whose files are wrong, and says so for each check of its code', async () => {
    const folder = folderWith({}, manifestWith('"1.0.0"', '"one"'));
    const { json } = await cliJson(['validate', folder]);
    const { checks } = json as { checks: { kind: string; status: string }[] };
    expect(new Set(checks.filter(({ kind }) => kind === 'dynamic').map(({ status }) => status))).toEqual(new Set(checks.some(({ kind }) => kind === 'dynamic') ? ['skipped'] : []));
  });
});
