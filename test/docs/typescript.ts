import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { transformSync } from 'esbuild';
import { projectRoot, temporaryFolder } from '../support/fixtures.js';
import { TSC } from '../support/tsc.js';
import { placeOf, type Block } from './blocks.js';
import { HANG_MS } from '../support/hang.js';

/** A program of the documentation: a block, and those that continue it. */
export interface Program {
  readonly first: Block;
  readonly text: string;
  /** What it should print, where the documentation says so. */
  readonly output: string | undefined;
}

const isCode = ({ language }: Block): boolean => ['ts', 'js', 'mjs'].includes(language);

/** The programs among `blocks`, in order. */
export function programsIn(blocks: readonly Block[]): Program[] {
  const programs: { first: Block; text: string; output: string | undefined }[] = [];
  blocks.forEach((block, index) => {
    if (!isCode(block)) return;
    const last = programs.at(-1);
    const next = blocks[index + 1];
    const output = next?.tags.output === undefined ? undefined : next.text;
    if (block.tags.continues === undefined) programs.push({ first: block, text: block.text, output });
    else if (last === undefined) throw new Error(`${placeOf(block)}: there is nothing to continue`);
    else Object.assign(last, { text: last.text + block.text, output });
  });
  return programs;
}

const OPTIONS = {
  target: 'es2022',
  lib: ['es2023', 'esnext.disposable'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  types: ['node'],
  typeRoots: [path.join(projectRoot, 'node_modules/@types')],
  paths: { 'aisopod-plugin': [path.join(projectRoot, 'dist/index.d.ts')], 'aisopod-plugin/mcp': [path.join(projectRoot, 'dist/mcp/index.d.ts')] },
};

/** A complaint of the compiler: file, line, and text. More of it may follow in lines that are indented. */
const COMPLAINT = /^block-(\d+)\.mts\((\d+),\d+\): (.*)$/;

/** Type-checks programs against the declarations that are published. Returns the complaints about each. */
export function typeErrors(programs: readonly Program[]): string[][] {
  const folder = temporaryFolder();
  const found = programs.map((): string[] => []);
  programs.forEach(({ text }, index) => writeFileSync(path.join(folder, `block-${index}.mts`), `${text}export {};\n`));
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: OPTIONS, include: ['*.mts'] }));
  const { status, stdout, stderr } = spawnSync(process.execPath, [TSC, '--pretty', 'false'], { cwd: folder, encoding: 'utf8', timeout: HANG_MS });
  for (const line of stdout.split('\n')) {
    const [, index, inProgram, message] = COMPLAINT.exec(line) ?? [];
    const program = programs[Number(index)];
    if (program !== undefined) found[Number(index)]?.push(`line ${inProgram} of the program at ${placeOf(program.first)}: ${message}`);
  }
  // A complaint about something else, such as the options, or none at all.
  if ((status === 0) !== found.every((list) => list.length === 0)) throw new Error(`the compiler ended with ${status}\n${stdout}${stderr}`);
  return found;
}

/** Makes `import … from 'aisopod-plugin'` work in `folder`, as npm install would. */
export function installInto(folder: string): void {
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(projectRoot, path.join(folder, 'node_modules/aisopod-plugin'), 'junction');
}

/**
 * A folder for programs: the package is installed, and it is the home folder. ./plugins holds two examples; ./approval holds another, whose
 * folder in ./approval-data has a file.
 */
export function folderForPrograms(): string {
  const folder = temporaryFolder();
  installInto(folder);
  for (const name of ['guard', 'word-stats']) {
    cpSync(path.join(projectRoot, 'build/examples', name), path.join(folder, 'plugins', name), { recursive: true });
  }
  cpSync(path.join(projectRoot, 'build/examples/clean-up'), path.join(folder, 'approval/clean-up'), { recursive: true });
  mkdirSync(path.join(folder, 'approval-data/clean-up'), { recursive: true });
  writeFileSync(path.join(folder, 'approval-data/clean-up/old.txt'), '');
  return folder;
}

/** Runs a program in `folder` on the built package. Returns what it printed; throws if it fails. */
export function runProgram({ first, text }: Program, folder: string): string {
  const file = path.join(folder, `block-${first.line}.mjs`);
  writeFileSync(file, transformSync(text, { loader: 'ts', format: 'esm', target: OPTIONS.target }).code);
  const env = { ...process.env, NODE_OPTIONS: '', HOME: folder, USERPROFILE: folder };
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [file], { cwd: folder, env, encoding: 'utf8', timeout: HANG_MS });
  if (status === 0) return stdout;
  throw new Error(`the program at ${placeOf(first)} ended with ${status ?? signal}\n${stdout}${stderr}`);
}
