/** include/aisopod/json.h: its own checks, the same result as JSON.parse for any text, and a short run of the fuzzer. */
import { beforeAll, describe, expect } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { isUtf8 } from 'node:buffer';
import { copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { run } from '../package/run.js';
import { projectRoot, temporaryFolder, testWhere } from '../support/fixtures.js';
import { isInstalled } from './cmake.js';
import { includeDir } from './header-text.js';

const onPosix = process.platform !== 'win32';
const STRICT = ['-O2', '-Wall', '-Wextra', '-Wpedantic', '-Werror', `-I${includeDir}`];

/** The system's own compilers are a must on POSIX. */
const testWith = (compiler: string): ReturnType<typeof testWhere> =>
  testWhere(onPosix && (['cc', 'c++'].includes(compiler) || isInstalled(compiler)), `${compiler} is not installed`);

describe('its checks hold', () => {
  for (const [compiler, standard] of [['cc', 'c99'], ['gcc', 'c99'], ['clang', 'c99'], ['c++', 'c++11'], ['g++', 'c++17'], ['clang++', 'c++17']] as const) {
    testWith(compiler)(`${compiler} -std=${standard}`, () => {
      const folder = temporaryFolder();
      const source = path.join(folder, standard.startsWith('c++') ? 'checks.cpp' : 'checks.c');
      copyFileSync(path.join(projectRoot, 'test/native/json-checks.c'), source);
      run(compiler, [...STRICT, `-std=${standard}`, source, '-o', 'checks'], folder);
      expect(run(path.join(folder, 'checks'), [], folder)).toBe('');
    });
  }

  testWith('cc')('it can be used without plugin.h', () => {
    const folder = temporaryFolder();
    const source = path.join(folder, 'only.c');
    writeFileSync(source, '#include <aisopod/json.h>\ntypedef aisopod_json it_is_defined;\n');
    expect(run('cc', [...STRICT, '-std=c99', '-c', source], folder)).toBe('');
  });
});

describe('it reads what JSON.parse reads', () => {
  const test = testWith('cc');
  let program: string;
  beforeAll(() => {
    if (!onPosix) return;
    program = path.join(temporaryFolder(), 'json');
    run('cc', [...STRICT, '-std=c99', '-DSTANDALONE', path.join(projectRoot, 'scripts/fuzz/json.c'), '-o', program], projectRoot);
  });

  /** What it makes of each text, written again; `undefined` if it is not valid. */
  function readAll(texts: readonly Buffer[]): unknown[] {
    const input = texts.map((text) => `${text.toString('hex')}\n`).join('');
    const { status, stdout, stderr } = spawnSync(program, ['-'], { input, encoding: 'utf8', maxBuffer: 1 << 30 });
    if (status !== 0) throw new Error(stderr);
    const lines = stdout.split('\n').slice(0, -1);
    expect(lines).toHaveLength(texts.length);
    return lines.map((line) => (line === '' ? undefined : (JSON.parse(line) as unknown)));
  }

  function parsed(text: Buffer): unknown {
    try {
      return isUtf8(text) ? JSON.parse(text.toString()) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Integers are the same, other numbers to 14 digits. Half of a surrogate pair is replaced. */
  function isSame(found: unknown, expected: unknown): boolean {
    if (typeof expected === 'number' && typeof found === 'number') {
      const difference = Math.abs(found - expected);
      return Number.isSafeInteger(expected) ? difference === 0 : difference <= Math.max(Math.abs(expected) * 1e-14, Number.MIN_VALUE);
    }
    if (typeof expected === 'string') return found === Buffer.from(expected).toString();
    if (typeof expected !== 'object' || expected === null) return Object.is(found, expected);
    if (typeof found !== 'object' || found === null || Array.isArray(found) !== Array.isArray(expected)) return false;
    const [has, needs] = [Object.entries(found), Object.entries(expected)];
    return has.length === needs.length && has.every(([key, value], i) => isSame(key, needs[i]![0]) && isSame(value, needs[i]![1]));
  }

  const compare = (texts: readonly Buffer[]): void => {
    const found = readAll(texts);
    const wrong = texts.flatMap((text, i) => (isSame(found[i], parsed(text)) ? [] : [{ text: text.toString(), found: found[i] }]));
    expect(wrong).toEqual([]);
  };

  test('values of all kinds, however they are written', () => {
    const values = fc.sample(fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }), { numRuns: 2000, seed: 1 });
    compare(values.flatMap((value) => [JSON.stringify(value), JSON.stringify(value, null, 2)].map((text) => Buffer.from(text))));
  });

  test('numbers', () => {
    const doubles = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), { numRuns: 5000, seed: 2 });
    const integers = fc.sample(fc.maxSafeInteger(), { numRuns: 1000, seed: 3 });
    compare([...doubles, ...integers].flatMap((number) => [String(number), number.toExponential()]).map((text) => Buffer.from(text)));
  });

  test('texts that are damaged in one place', () => {
    const text = Buffer.from('{"a":[1,-2.5e3,true,null,"\\u00e9\\ud83d\\ude00 é€😀"],"b":{"":{}}}');
    const damaged = Array.from({ length: text.length }, (_, at) => [0x22, 0x2c, 0x5c, 0x7d, 0x31, 0x00, 0x80, 0xff].map((byte) => Buffer.from(text.map((old, i) => (i === at ? byte : old))))).flat();
    const cut = Array.from({ length: text.length }, (_, at) => text.subarray(0, at));
    compare([...damaged, ...cut].filter(({ length }) => length > 0));
  });
});

const canSanitize = onPosix && spawnSync('cc', ['-fsanitize=address,undefined', '-x', 'c', '-', '-o', '/dev/null'], { input: 'int main(void) { return 0; }' }).status === 0;

testWhere(canSanitize, 'cc has no sanitizers here')('the fuzzer finds nothing in a short run', () => {
  expect(run(process.execPath, [path.join(projectRoot, 'scripts/fuzz-json.mjs'), '--runs', '20000'], projectRoot)).toBe('20000 runs\n');
});
