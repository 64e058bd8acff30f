import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../support/fixtures.js';

/**
 * One fenced block of the documentation. After the language may stand tags, which readers do not see:
 *
 *     skip="why"           is not run; the test's name says why
 *     from=<path>          an excerpt: stands word for word in that file of the project
 *     continues            ts: goes on where the block before it ended, in the same program
 *     output               text: what the program or command before it prints
 *     tool=<function>      c, cpp: register this function as the tool `example`, and call it
 *     input=<JSON>         c, cpp: with these parameters instead of {}
 *     timeout=<ms>         c, cpp: with this deadline
 *     expect=<…>           c, cpp, toml: the error code that it ends with; or for a tool its answer, as JSON
 *     project=<name>       belongs to a project: its blocks are written (file=<path>) or run (sh, ts) in order, in one folder
 */
export interface Block {
  /** From the project's root. */
  readonly file: string;
  /** 1-based, of the first line inside the fence. */
  readonly line: number;
  readonly language: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly text: string;
}

export const placeOf = ({ file, line }: Block): string => `${file}:${line}`;

/** Every Markdown file in the root and in docs/, so that one that is added later is covered. */
export function documents(): string[] {
  const inFolder = (folder: string): string[] =>
    readdirSync(path.join(projectRoot, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => path.posix.join(folder, name));
  return [...inFolder('.'), ...inFolder('docs')];
}

export const blocksOf = (file: string): Block[] => parseBlocks(file, readFileSync(path.join(projectRoot, file), 'utf8'));

export function parseBlocks(file: string, markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: { fence: string; info: string; line: number; lines: string[] } | undefined;
  markdown.split(/\r?\n/).forEach((text, index) => {
    const fence = /^ {0,3}(`{3,}|~{3,})\s*(.*)$/.exec(text);
    if (open === undefined) {
      if (fence !== null) open = { fence: fence[1] ?? '', info: fence[2] ?? '', line: index + 2, lines: [] };
    } else if (fence?.[2] === '' && (fence[1] ?? '').startsWith(open.fence)) {
      const [language = '', ...rest] = open.info.split(' ');
      blocks.push({ file, line: open.line, language, tags: parseTags(rest.join(' ')), text: `${open.lines.join('\n')}\n` });
      open = undefined;
    } else {
      open.lines.push(text);
    }
  });
  if (open !== undefined) throw new Error(`${file}:${open.line}: the block is not closed`);
  return blocks;
}

const TAGS = ['skip', 'from', 'continues', 'output', 'tool', 'input', 'timeout', 'expect', 'project', 'file'];

function parseTags(text: string): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const [, name = '', quoted, plain] of text.matchAll(/([^\s=]+)(?:=(?:"([^"]*)"|(\S+)))?/g)) {
    if (!TAGS.includes(name)) throw new Error(`the tag ${name} of a block is unknown; there are ${TAGS.join(', ')}`);
    tags[name] = quoted ?? plain ?? '';
  }
  return tags;
}
