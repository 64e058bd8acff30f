/** JSON Schemas become JavaScript code, which a host may be started without. */
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { answerOf } from '../support/child.js';
import { folderOf, temporaryFolder } from '../support/fixtures.js';

const FLAGS = ['--disallow-code-generation-from-strings'];
const WRONG = { code: 'ERR_CODE_GENERATION', hint: expect.stringContaining('--disallow-code-generation-from-strings') };

const reportOf = (pluginDir: string, isolation: string): Promise<unknown> => {
  const options = { isolation, hostVersion: '1.0.0', pluginDirs: [pluginDir], dataDir: temporaryFolder(), stateDir: temporaryFolder() };
  const script = `const host = await aisopod.PluginHost.open(${JSON.stringify(options)});
    const [{ code, hint, path }] = host.report();
    await host.close();
    console.log(JSON.stringify({ code, hint, path }));`;
  return answerOf(script, { flags: FLAGS });
};

test.each(['in-process', 'process'])("a tool's schema: the host is told which flag to drop: %s", async (home) => {
  expect(await reportOf(folderOf('costly-schema'), home)).toMatchObject(WRONG);
});

test('the schema of a configuration, too', async () => {
  const folder = folderOf('good-c');
  const report = await reportOf(folder, 'in-process');
  expect(report).toMatchObject({ ...WRONG, path: path.join(folder, 'good-c') });
});

test.each(['in-process', 'process'])('a tool that takes any object needs no code: %s', async (home) => {
  const options = { isolation: home, hostVersion: '1.0.0', pluginDirs: [folderOf('inside-count')], dataDir: temporaryFolder(), stateDir: temporaryFolder() };
  const script = `const host = await aisopod.PluginHost.open(${JSON.stringify(options)});
    const tool = host.find('tool', 'most_inside');
    const answers = [await tool.call({}), await tool.call([]).catch(({ code }) => code)];
    await host.close();
    console.log(JSON.stringify(answers));`;
  expect(await answerOf(script, { flags: FLAGS })).toEqual([expect.any(Object), 'ERR_INVALID_PARAMETERS']);
});
