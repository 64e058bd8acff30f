/** The results that the scripts in this folder leave in docs/platforms/<id>.json, from which matrix.mjs makes docs/platforms.md. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, SCRATCH, run } from './steps.mjs';

const FOLDER = join(ROOT, 'docs/platforms');
const NODE_FLAGS = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', '--expose-gc'];

const read = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { rows: [] });

/**
 * Adds rows, which replace those of the same runtime and suite or a part of it, and writes docs/platforms.md, which a test compares
 * with them.
 * @param {{ id: string, platform: string, how: string, files?: string[] }} about
 * @param {{ runtime: string, suite: string, passed: number, failed: string[], skipped: string[] }[]} rows
 */
export function saveResults({ id, platform, how, files }, rows) {
  const file = join(FOLDER, `${id}.json`);
  const date = new Date().toISOString().slice(0, 10);
  const isReplaced = (old) => rows.some(({ runtime, suite }) => runtime === old.runtime && (suite === old.suite || old.suite.startsWith(`${suite}/`)));
  const all = [...read(file).rows.filter((old) => !isReplaced(old)), ...rows.map((row) => ({ ...row, date }))];
  const text = (row) => `${row.runtime}\n${row.suite}`;
  all.sort((a, b) => (text(a) < text(b) ? -1 : 1));
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(file, `${JSON.stringify({ platform, how, files, rows: all }, null, 2)}\n`);
  run(process.execPath, [join(ROOT, 'scripts/platforms/matrix.mjs')]);
  for (const { runtime, suite, passed, failed, skipped } of rows) {
    console.log(`${platform}, ${runtime}, ${suite}: ${passed} passed, ${failed.length} failed, ${skipped.length} skipped`);
    for (const name of failed) console.log(`  failed: ${name}`);
  }
}

/** The files below test/ that have tests: matrix.mjs says which of them were not run. */
const testFiles = () => readdirSync(join(ROOT, 'test'), { recursive: true }).filter((file) => file.endsWith('.test.ts')).map((file) => file.replaceAll('\\', '/')).sort();

const namesOf = (report, ...states) =>
  report.testResults.flatMap(({ assertionResults }) => assertionResults.filter(({ status }) => states.includes(status)).map(({ fullName }) => fullName));

/** A file that cannot be loaded has no tests in the report. */
const brokenFiles = (report) =>
  report.testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0).map(({ name }) => `${name.replaceAll('\\', '/').replace(/.*\/test\//, 'test/')} could not be run`);

/** Runs parts of the suite (folders or files below test/; only tests whose names contain `pattern`), with another Node. One row for each. */
export function runSuites(suites, { runtime, node, folder, env = {}, pattern }) {
  return suites.map((suite) => {
    const file = join(SCRATCH, 'reports', `${runtime}-${suite}.json`.replace(/[^\w.-]+/g, '-'));
    mkdirSync(join(SCRATCH, 'reports'), { recursive: true });
    rmSync(file, { force: true });
    const args = [...NODE_FLAGS, 'node_modules/jest/bin/jest.js', '-w', process.env.WORKERS ?? '1', '--json', `--outputFile=${file}`, ...(pattern === undefined ? [] : ['-t', pattern]), `test/${suite}`];
    const { status, signal, stderr } = spawnSync(node, args, { cwd: folder, env: { ...process.env, NODE_OPTIONS: '', ...env }, encoding: 'utf8', maxBuffer: 1 << 28 });
    writeFileSync(`${file}.log`, stderr ?? '');
    const about = { runtime, suite: suite === '' ? 'all' : suite };
    if (!existsSync(file)) return { ...about, passed: 0, failed: [`jest ended with ${status ?? signal} before it wrote a report`], skipped: [] };
    const report = read(file);
    return { ...about, passed: report.numPassedTests, failed: [...namesOf(report, 'failed'), ...brokenFiles(report)], skipped: namesOf(report, 'pending', 'todo').filter((name) => name.includes(pattern ?? '')) };
  });
}

/** Runs parts of the suite, and saves each row at once: a run that is ended early keeps what it has. */
export function runAndSave(about, suites, options) {
  for (const suite of suites) saveResults({ ...about, files: testFiles() }, runSuites([suite], options));
}

/** One row from checks that are functions: what each throws is a failure. */
export function runChecks(runtime, suite, checks) {
  const failed = [];
  for (const [name, check] of Object.entries(checks)) {
    try {
      check();
    } catch (error) {
      console.error(error);
      failed.push(name);
    }
  }
  return { runtime, suite, passed: Object.keys(checks).length - failed.length, failed, skipped: [] };
}
