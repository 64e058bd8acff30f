import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseBlocks, type Block } from './blocks.js';
import { buildBlocks, runNative } from './native.js';
import { followProject } from './project.js';
import { checkCommands } from './shell.js';
import { folderForPrograms, programsIn, runProgram, typeErrors } from './typescript.js';

/** One block, as a document would have it. */
function block(info: string, text: string): Block {
  const [only] = parseBlocks('made-up.md', `# A document\n\n\`\`\`${info}\n${text}\n\`\`\`\n`);
  return only!;
}

const program = (text: string) => programsIn([block('ts', text)])[0]!;

test('a block knows its place, its language and its tags', () => {
  expect(block('c tool=f skip="not here" continues', 'x')).toEqual({
    file: 'made-up.md',
    line: 4,
    language: 'c',
    tags: { tool: 'f', skip: 'not here', continues: '' },
    text: 'x\n',
  });
});

test('a tag that is none and a block without end are refused', () => {
  expect(() => block('c tol=f', 'x')).toThrow('the tag tol of a block is unknown');
  expect(() => parseBlocks('made-up.md', '```c\nx\n')).toThrow('made-up.md:2: the block is not closed');
});

describe('what the documentation says wrongly is found', () => {
  test.each(['npm run no-such-script', 'npm install another-package', 'node scripts/no-such-file.mjs', 'no-such-command'])('%s', (command) => {
    expect(() => { checkCommands(block('sh', `npm test\n${command}`)); }).toThrow(command);
  });

  test('a program that uses what the package does not export', () => {
    const [errors] = typeErrors([program("import { NoSuchThing } from 'aisopod-plugin';")]);
    expect(errors).toEqual([expect.stringContaining("no exported member 'NoSuchThing'")]);
  });

  test('a program that throws', () => {
    expect(() => runProgram(program("throw new Error('as written');"), folderForPrograms())).toThrow('as written');
  });

  test('a project whose command fails, or prints something else', () => {
    const files = block('js project=p file=p.mjs', "console.log('one');");
    expect(() => { followProject([files, block('sh project=p', 'node other.mjs')]); }).toThrow('other.mjs');
    const said = [files, block('sh project=p', 'node p.mjs'), block('text project=p output', 'two')];
    expect(() => { followProject(said); }).toThrow(/expected\ntwo\n\nfound\none/);
  });
});

describe('native code that does not do what its tags say', () => {
  const TOOL = 'static int32_t f(void *data, const aisopod_request *request, aisopod_reply *reply) { return aisopod_reply_json(reply, "1"); }';
  const otherAnswer = block('c tool=f expect=2', TOOL);
  const noError = block('c tool=f expect=ERR_INVALID_REPLY', TOOL);
  const otherError = block('c tool=f expect=1', TOOL.replace('return aisopod_reply_json(reply, "1")', 'return 0'));
  let folderOf: (which: Block) => string;
  beforeAll(() => {
    folderOf = buildBlocks([otherAnswer, noError, otherError]);
  });

  test.each([
    ['another answer', otherAnswer, 'expected 2, found 1'],
    ['no error', noError, 'expected ERR_INVALID_REPLY, and all went well'],
    ['an error', otherError, 'reply: expected a status of the header'],
  ])('%s', async (_name, which, message) => {
    await expect(runNative(which, folderOf(which))).rejects.toThrow(message);
  });

  test('code that does not compile is named with its line', () => {
    expect(() => buildBlocks([block('c', 'int x = ;')])).toThrow('made-up.md:4');
  });
});
