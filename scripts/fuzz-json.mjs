/**
 * Fuzzes include/aisopod/json.h under AddressSanitizer and UndefinedBehaviorSanitizer: `node scripts/fuzz-json.mjs [--runs N] [--seed N]
 * [--compiler cc] [--libfuzzer]`. By default with cc, or what CC says, and a simple mutator; with --libfuzzer (clang), guided by coverage.
 * Exits with the fuzzer's code. An input that fails is printed by the sanitizer, and with the same seed it comes again.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    compiler: { type: 'string', default: process.env.CC ?? 'cc' },
    libfuzzer: { type: 'boolean', default: false },
  },
});
const { runs, seed, libfuzzer } = values;
const compiler = libfuzzer ? 'clang' : values.compiler;
const folder = mkdtempSync(join(tmpdir(), 'aisopod-fuzz-'));
const program = join(folder, 'json');

/** Its exit code; 1 if it did not run, or was ended by a signal. */
function run(command, args) {
  const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=1', UBSAN_OPTIONS: 'print_stacktrace=1' };
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env });
  if (error !== undefined) console.error(`${command}: ${error.message}`);
  return status ?? 1;
}

try {
  const sanitizers = `-fsanitize=address,undefined${libfuzzer ? ',fuzzer' : ''}`;
  const warnings = ['-Wall', '-Wextra', '-Wpedantic', '-Werror'];
  const flags = ['-std=c99', '-g', '-O1', sanitizers, '-fno-sanitize-recover=all', ...warnings, `-I${join(root, 'include')}`];
  const built = run(compiler, [...flags, ...(libfuzzer ? [] : ['-DSTANDALONE']), join(root, 'scripts/fuzz/json.c'), '-o', program]);
  process.exitCode = built !== 0 ? built : run(program, libfuzzer ? [`-runs=${runs}`, `-seed=${seed}`, '-max_len=4096'] : [runs, seed]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
