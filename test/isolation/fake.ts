import path from 'node:path';
import type { ToolDefinition } from '../../src/capability/tool-definition.js';
import { definePlugin } from '../../src/plugin/define-plugin.js';
import { projectRoot } from '../support/fixtures.js';
import { openIn, type HomeHost, type HomeOptions } from './homes.js';

const childEntry = path.join(projectRoot, 'test/isolation/fake-child.cjs');

/** A host with a child, reached by messages alone, that does what a plugin's process should, but for what `script` says. */
export function openFake(script: string, options: HomeOptions = {}): Promise<HomeHost> {
  const env = { FAKE_CHILD_SCRIPT: script };
  return openIn('process', ['good-c'], { childEntry, env, restart: { firstPauseMs: 1, most: 0 }, transport: 'socket', ...options });
}

/** The script that attacks when it is invoked. */
export const onInvoke = (attack: string): string => `if (message.type !== 'invoke') return behave(message); const { id } = message; ${attack}`;

/** Beside what is in the child: a plugin of the host's own, with one tool. */
export async function addTool({ registry }: HomeHost, name: string, call: ToolDefinition['call']): Promise<void> {
  await registry.register(definePlugin({ id: 'own', register: (api) => api.registerTool({ name, call }) }));
  await registry.init('own');
}
