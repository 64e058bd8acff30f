/** The example clean-up: a plugin that asks its host before it acts, through a call that the host allows. */
import { describe, expect, test } from '@jest/globals';
import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ToolDefinition } from '../../src/capability/tool-definition.js';
import type { PluginHostOptions } from '../../src/host/host-options.js';
import type { Isolation } from '../../src/report/plugin-report.js';
import { definePlugin } from '../../src/plugin/define-plugin.js';
import { projectRoot, temporaryFolder } from '../support/fixtures.js';
import { errorOf, until } from '../support/host.js';
import { open } from './host.js';

const examples = path.join(projectRoot, 'build/examples');
const OLD = ['old 1.txt', process.platform === 'win32' ? "öld '2'.txt" : 'öld "2".txt']; // no name on Windows has a "
const ALL = ['new.txt', ...OLD];
const CONTEXT = { agentId: 'a-1', sessionKey: 'main', userId: 'ada' };

interface Approval {
  readonly answer: ToolDefinition['call'];
  readonly mayCall?: NonNullable<PluginHostOptions['mayCall']>;
}

/** A host with a tool `approve`, and a folder of the plugin's with two old files and a new one. */
async function openDesk(isolation: Isolation, { answer, mayCall = (caller, kind, name) => caller === 'clean-up' && `${kind} ${name}` === 'tool approve' }: Approval) {
  const asked: unknown[] = [];
  const dataDir = path.join(temporaryFolder(), 'data');
  const folder = path.join(dataDir, 'clean-up');
  mkdirSync(path.join(folder, 'inner'), { recursive: true });
  for (const name of ALL) writeFileSync(path.join(folder, name), '');
  for (const name of [...OLD, 'inner']) utimesSync(path.join(folder, name), 0, 0);
  if (process.platform !== 'win32') symlinkSync('old 1.txt', path.join(folder, 'link'));
  const call: ToolDefinition['call'] = (params, given) => {
    asked.push({ params, context: given.context });
    return answer(params, given);
  };
  const desk = definePlugin({ id: 'desk', register: (api) => api.registerTool({ name: 'approve', parameters: { type: 'object', required: ['action', 'items'] }, call }) });
  const host = await open({ plugins: [desk], pluginDirs: [examples], disabled: ['guard', 'hash', 'word-stats'], dataDir, isolation, mayCall, grants: () => ({ call: ['tool approve'] }) });
  const cleanUp = host.find('tool', 'clean_up');
  if (cleanUp === undefined) throw new Error(JSON.stringify(host.report()));
  return { host, cleanUp, asked, files: () => readdirSync(folder).filter((name) => name.endsWith('.txt')).sort() };
}

describe.each([
  ['in-process', 'in-process'],
  ['in a child process', 'process'],
  ['in a shared child process', { process: 'together' }],
] as const)('a plugin %s that asks for approval', (_name, isolation) => {
  test('acts if the host says yes; the host is asked in the context of the call', async () => {
    const { cleanUp, asked, files } = await openDesk(isolation, { answer: () => ({ approved: true }) });
    expect(await cleanUp.call({}, { context: CONTEXT })).toEqual({ approved: true, deleted: OLD });
    expect(asked).toEqual([{ params: { action: 'delete files', items: OLD }, context: CONTEXT }]);
    expect(files()).toEqual(['new.txt']);
    expect(await cleanUp.call({}, { context: CONTEXT })).toEqual({ approved: false, deleted: [] });
    expect(asked).toHaveLength(1); // there was nothing to ask for
  });

  test.each([[{ approved: false }], [{}], [{ approved: 'yes' }], [{ approved: 1 }], [null], ['true']])('does nothing if the host says anything else: %j', async (answer) => {
    const { cleanUp, files } = await openDesk(isolation, { answer: () => answer });
    expect(await cleanUp.call({})).toEqual({ approved: false, deleted: [] });
    expect(files()).toEqual(ALL);
  });

  test('fails if it cannot ask', async () => {
    const denied = await openDesk(isolation, { answer: () => ({ approved: true }), mayCall: () => false });
    expect(await errorOf(denied.cleanUp.call({}))).toMatchObject({ code: 'ERR_INVOCATION_FAILED', status: 'DENIED', reason: expect.stringContaining('the approval failed') });
    const broken = await openDesk(isolation, {
      answer: () => {
        throw new Error('nobody is there');
      },
    });
    expect(await errorOf(broken.cleanUp.call({}))).toMatchObject({ code: 'ERR_INVOCATION_FAILED', status: 'DENIED', reason: expect.stringContaining('nobody is there') });
    expect([denied.asked, denied.files(), broken.files()]).toEqual([[], ALL, ALL]);
  });

  test('does nothing if the call is cancelled while the host thinks, and the question is withdrawn', async () => {
    let isWithdrawn = false;
    const stop = new AbortController();
    const { cleanUp, asked, files } = await openDesk(isolation, {
      answer: (_params, { signal }) => new Promise((resolve) => signal.addEventListener('abort', () => {
        isWithdrawn = true;
        resolve({ approved: true });
      })),
    });
    const call = errorOf(cleanUp.call({}, { signal: stop.signal }));
    await until(() => asked.length === 1);
    stop.abort();
    expect(await call).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
    await until(() => isWithdrawn);
    expect(files()).toEqual(ALL);
  });
});
