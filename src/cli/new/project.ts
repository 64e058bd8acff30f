import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CapabilityKind } from '../../abi/constants.js';
import { messageOf } from '../../errors/index.js';
import { RefusedError } from '../command.js';
import type { Language, LanguageName } from './languages.js';
import type { Words } from './names.js';

/** The files of a project, by their paths in it. */
export type ProjectFiles = ReadonlyMap<string, string>;

export interface ProjectOptions {
  /** Of the package. */
  readonly root: string;
  readonly lang: LanguageName;
  readonly language: Language;
  readonly kind: CapabilityKind;
  readonly words: Words;
}

/** Where the files of templates/common go. */
const COMMON = {
  'aisopod.plugin.toml': 'plugin/aisopod.plugin.toml',
  'package.json': 'package.json',
  'README.md': 'README.md',
  gitignore: '.gitignore', // npm leaves .gitignore out of packages
  'workflow.yml': '.github/workflows/build.yml',
};

/** All files but those of the kit. */
export function projectFiles({ root, lang, language, kind, words }: ProjectOptions): ProjectFiles {
  const read = (...path: string[]): string => filled(readFileSync(join(root, 'templates', ...path), 'utf8'), words);
  const files = new Map(Object.entries(COMMON).map(([from, to]) => [to, read('common', from)]));
  files.set('test/plugin.test.mjs', read('common', 'test', 'start.mjs') + read('common', 'test', `${kind}.mjs`));
  for (const { name } of readdirSync(join(root, 'templates', lang), { withFileTypes: true }).filter((entry) => entry.isFile())) {
    files.set(name, read(lang, name));
  }
  const extension = language.source.slice(language.source.lastIndexOf('.'));
  files.set(language.source, read(lang, 'kinds', `${kind}${extension}`));
  return files;
}

/** Replaces `{{word}}`. The `${{ … }}` of workflows stay. */
const filled = (text: string, words: Words): string => text.replace(/\{\{(\w+)\}\}/g, (_, word: string) => words[word] ?? '');

/** @throws RefusedError if the folder is not empty, or a file cannot be written */
export function writeProject(folder: string, files: ProjectFiles, { root, language }: ProjectOptions): void {
  try {
    if (existsSync(folder) && readdirSync(folder).length > 0) throw new RefusedError(`${folder} is not empty; choose another folder with --dir`);
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text, { flag: 'wx' });
    }
    for (const path of [...language.kit, 'schemas/manifest.json']) cpSync(join(root, path), join(folder, 'kit', path), { recursive: true });
  } catch (error) {
    throw error instanceof RefusedError ? error : new RefusedError(`cannot write the plugin: ${messageOf(error)}`);
  }
}
