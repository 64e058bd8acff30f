import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../support/fixtures.js';
import { placeOf, type Block } from './blocks.js';

const { name, scripts, bin = {}, peerDependencies = {} } = JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8')) as {
  name: string;
  scripts: Record<string, string>;
  bin?: Record<string, string>;
  peerDependencies?: Record<string, string>;
};

/** The commands of a block, without prompts and comments. */
export const commandsIn = (block: Block): string[] =>
  block.text
    .split('\n')
    .map((line) => line.replace(/^\$ /, '').replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');

const installed = [name, ...Object.keys(peerDependencies)];

/** `npm install aisopod-plugin`, perhaps with its optional packages: done for every program and project already. */
export const isInstall = (command: string): boolean => {
  const packages = /^npm (?:install|i) (.+)$/.exec(command)?.[1]?.split(' ') ?? [];
  return packages.length > 0 && packages.every((each) => installed.includes(each));
};

/** Whether the project has what the command runs. */
function exists(command: string): boolean {
  const [program = '', ...words] = command.split(/\s+/);
  if (isInstall(command)) return true;
  if (program === 'npm') return ['ci', 'install'].includes(words[0] ?? '') ? words.length === 1 : scriptOf(words) in scripts;
  if (program === 'node' || program === 'bash') return existsSync(path.join(projectRoot, words.find((word) => !word.startsWith('-')) ?? ''));
  return (program === 'npx' ? (words[0] ?? '') : program) in bin;
}

const scriptOf = (words: readonly string[]): string => (words[0] === 'run' ? words[1] : words[0]) ?? '';

/** Throws at the first command that the project does not have. */
export function checkCommands(block: Block): void {
  const unknown = commandsIn(block).find((command) => !exists(command));
  if (unknown !== undefined) throw new Error(`${placeOf(block)}: the project has no such command: ${unknown}`);
}
