import { afterEach } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { projectRoot, temporaryFolder } from '../../support/fixtures.js';
import { until } from '../../support/host.js';
import { cli, type CliEnd } from '../cli.js';

export interface Developing {
  /** Waits until a line matches for the `count`th time. Returns that line. */
  line(pattern: RegExp, count?: number): Promise<string>;
  /** Everything that it has printed. */
  output(): string;
  /** Interrupts it. Its temporary folder must then be empty. */
  stop(): Promise<CliEnd>;
}

const running: Developing[] = [];
afterEach(async () => {
  for (const developing of running.splice(0)) await developing.stop();
});

/** Runs `aisopod-plugin dev`, with pipes. */
export function develop(...args: readonly string[]): Developing {
  let output = '';
  let child: ChildProcess | undefined;
  let end: CliEnd | undefined;
  const onOutput = (from: ChildProcess, stdout: string): void => {
    [child, output] = [from, stdout];
  };
  const [temporary, data] = [temporaryFolder(), temporaryFolder()];
  // The tests have a home folder of their own, in which rustup finds no toolchain.
  const rust = { RUSTUP_HOME: process.env.RUSTUP_HOME ?? path.join(homedir(), '.rustup'), CARGO_HOME: process.env.CARGO_HOME ?? path.join(homedir(), '.cargo') };
  const env = { TMPDIR: temporary, TEMP: temporary, TMP: temporary, CI: '', ...rust };
  const ended = cli(['dev', ...args, '--data-dir', data], { env, onOutput }).then((result) => (end = result));
  const linesOf = (pattern: RegExp): string[] => output.split('\n').slice(0, -1).filter((line) => pattern.test(line));
  const developing: Developing = {
    async line(pattern, count = 1) {
      await until(() => {
        if (end !== undefined) throw new Error(`it has ended with ${end.code ?? end.signal}\n${output}${end.stderr}`);
        return linesOf(pattern).length >= count;
      });
      return linesOf(pattern)[count - 1] ?? '';
    },
    output: () => output,
    async stop() {
      await until(() => child !== undefined || end !== undefined);
      child?.kill('SIGINT');
      const result = await ended;
      const left = readdirSync(temporary).filter((name) => name.startsWith('aisopod-dev-'));
      if (left.length > 0 && process.platform !== 'win32') throw new Error(`it has left ${left.join(', ')}`);
      return result;
    },
  };
  running.push(developing);
  return developing;
}

/** A project of its own with the sources of the example word-stats. */
export function wordStats(): string {
  const folder = path.join(temporaryFolder(), 'word-stats');
  cpSync(path.join(projectRoot, 'examples', 'word-stats'), folder, { recursive: true });
  const lines = [
    'cmake_minimum_required(VERSION 3.16...4.0)',
    'project(word-stats LANGUAGES C)',
    'find_package(aisopod-plugin CONFIG REQUIRED)',
    'aisopod_add_plugin(word-stats SOURCES plugin.c tool.c count.c MANIFEST aisopod.plugin.toml FILES config.schema.json OUTPUT_DIR plugins/word-stats)',
  ];
  writeFileSync(path.join(folder, 'CMakeLists.txt'), `${lines.join('\n')}\n`);
  return folder;
}

/** Changes a file as an editor does. */
export function edit(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  writeFileSync(file, text.replace(from, to));
}
