import { LifecycleError, messageOf } from '../errors/index.js';
// Not the index, which loads Ajv: a plugin's process checks specs too.
import { requireCodeGeneration } from '../schema/code-generation.js';
import { requireSchema } from '../schema/require-schema.js';
import type { CapabilityDescriptor } from './descriptor.js';
import { readCommandSpec } from './command-spec.js';

/** It may quote a name as long as the whole spec. */
const LONGEST_REASON = 1000;

/** Runs what throws an Error where the descriptor's spec does not fit its kind. @throws LifecycleError ERR_CAPABILITY_INVALID, ERR_CODE_GENERATION */
export function checkedSpec<T>(pluginId: string, { kind, name }: CapabilityDescriptor, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    requireCodeGeneration(cause, { pluginId });
    const expected = `a spec that fits a ${kind}`;
    const fields = { kind, capabilityName: name, member: 'spec', expected, found: messageOf(cause).slice(0, LONGEST_REASON) };
    throw new LifecycleError('ERR_CAPABILITY_INVALID', fields, { pluginId, cause });
  }
}

/** The shape of a spec, for who makes nothing of it: whether a schema is a good one is not asked. @throws LifecycleError ERR_CAPABILITY_INVALID */
export function checkSpecShape(pluginId: string, descriptor: CapabilityDescriptor): void {
  const { kind, spec } = descriptor;
  checkedSpec(pluginId, descriptor, () => {
    if (kind === 'tool') parametersOf(spec);
    if (kind === 'command') readCommandSpec(spec);
  });
}

/**
 * JSON Schema of a tool's parameters; one that has none takes any object. Models call tools with objects, so a schema whose
 * `type` excludes them is a mistake. @throws Error
 */
export function parametersOf(spec: unknown): unknown {
  const schema = spec ?? { type: 'object' };
  requireSchema(schema);
  const type: unknown = typeof schema === 'object' && 'type' in schema ? schema.type : 'object';
  if (schema !== false && (type === 'object' || (Array.isArray(type) && type.includes('object')))) return schema;
  throw new Error(`a tool's parameters are an object: expected type "object", found ${JSON.stringify(schema === false ? schema : type)?.slice(0, 100) ?? 'nothing'}`);
}
