import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseManifest } from '../../src/manifest/index.js';
import { run } from '../package/run.js';
import { projectRoot, temporaryFolder } from '../support/fixtures.js';
import { placeOf, type Block } from './blocks.js';
import { commandsIn, isInstall } from './shell.js';
import { installInto, programsIn, runProgram, typeErrors } from './typescript.js';

/** The built command line: npx would look for it in the registry, because the package is not installed by npm. */
const COMMAND_LINE = `"${process.execPath}" "${path.join(projectRoot, 'dist/cli/main.js')}" `;

/** Does what a reader does who follows the blocks of a project in order, in a new folder with the package installed. */
export function followProject(blocks: readonly Block[]): void {
  const folder = temporaryFolder();
  installInto(folder);
  blocks.forEach((block, index) => follow(folder, block, blocks[index + 1]));
}

function follow(folder: string, block: Block, next: Block | undefined): void {
  const { language, tags, text } = block;
  if (tags.file !== undefined) writeInto(folder, tags.file, text);
  if (language === 'toml') parseManifest(text, { path: placeOf(block) });
  if (tags.file !== undefined || tags.output !== undefined) return;
  const printed = language === 'sh' ? runCommands(folder, block) : runCode(folder, block);
  if (next?.tags.output !== undefined && printed.trim() !== next.text.trim()) {
    throw new Error(`${placeOf(next)}: expected\n${next.text}\nfound\n${printed}`);
  }
}

function writeInto(folder: string, name: string, text: string): void {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function runCommands(folder: string, block: Block): string {
  const commands = commandsIn(block).filter((command) => !isInstall(command));
  return commands.map((command, index) => {
    // What a block prints is what its last command prints.
    const printed = run(command.replace(/^npx aisopod-plugin /, COMMAND_LINE), [], folder, true);
    return index === commands.length - 1 ? printed : '';
  }).join('');
}

function runCode(folder: string, block: Block): string {
  const [program] = programsIn([block]);
  if (program === undefined) throw new Error(`${placeOf(block)}: a ${block.language} block of a project needs file=<path>`);
  const [errors = []] = typeErrors([program]);
  if (errors.length > 0) throw new Error(errors.join('\n'));
  return runProgram(program, folder);
}
