import type { CapabilityDescriptor } from '../../../../capability/descriptor.js';
import { readToolSpec, type JsonSchema } from '../../../../capability/tool-spec.js';
import { PAYLOADS } from '../../../../payloads/index.js';
import { generate, type Source } from './generate.js';

/** A method and an input that fits it. */
export interface Sample {
  readonly method: string;
  readonly input: string;
}

/** The JSON Schema of a tool's parameters; of one with a wrong spec, any object. */
export function parametersOf({ spec }: CapabilityDescriptor): JsonSchema {
  try {
    return readToolSpec(spec).parameters;
  } catch {
    return { type: 'object' };
  }
}

/** One sample for each method of the capability. */
export function samplesOf(capability: CapabilityDescriptor, source: Source): readonly Sample[] {
  const sample = (method: string, value: unknown): Sample => ({ method, input: JSON.stringify(value) });
  switch (capability.kind) {
    case 'tool':
      return [sample('call', generate(parametersOf(capability), source))];
    case 'command':
      return [sample('run', { argv: source.random.pick([[], ['list'], ['help', 'me']]), cwd: process.cwd() })];
    case 'hook':
      return [sample('handle', (PAYLOADS as Readonly<Record<string, { readonly example: unknown } | undefined>>)[capability.name]?.example ?? {})];
    case 'channel':
      return [sample('start', {}), sample('send', PAYLOADS['channel-message'].example)];
    case 'provider':
      return [sample('models', {}), sample('chat', PAYLOADS['chat-request'].example), sample('health', {})];
  }
}
