import type { CapabilityKind } from '../../abi/constants.js';
import type { Words } from './names.js';

/** A call that shows what a new plugin does. `undefined`: a channel needs a conversation, so its capabilities are shown instead. */
const INPUTS: Readonly<Record<CapabilityKind, unknown>> = {
  tool: { name: 'Ada' },
  command: ['Ada'],
  hook: { tool: 'shell', params: { command: 'rm -rf build' } },
  channel: undefined,
  provider: { model: 'echo-1', messages: [{ role: 'user', content: 'hello' }] },
};

/** The command that tries a plugin. */
export function tryCommand({ capability = '' }: Words, kind: CapabilityKind, folder: string): string {
  const input = INPUTS[kind];
  if (input === undefined) return `npx aisopod-plugin describe ${folder}`;
  const option = kind === 'tool' ? '' : ` --kind ${kind}`;
  return `npx aisopod-plugin call ${folder} ${capability} '${JSON.stringify(input)}'${option}`;
}
