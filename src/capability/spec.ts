import { LifecycleError, messageOf } from '../errors/index.js';
import { requireCodeGeneration } from '../schema/code-generation.js'; // not the index, which loads Ajv
import type { CapabilityDescriptor } from './descriptor.js';
import { KINDS } from './kinds/index.js';

/** It may quote a name as long as the whole spec. */
const MAX_REASON = 1000;

/** Runs what throws an Error where the descriptor's spec does not fit its kind. @throws LifecycleError ERR_CAPABILITY_INVALID, ERR_CODE_GENERATION */
export function checkedSpec<T>(pluginId: string, { kind, name }: CapabilityDescriptor, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    requireCodeGeneration(cause, { pluginId });
    const expected = `a spec that fits a ${kind}`;
    const fields = { kind, capabilityName: name, member: 'spec', expected, found: messageOf(cause).slice(0, MAX_REASON) };
    throw new LifecycleError('ERR_CAPABILITY_INVALID', fields, { pluginId, cause });
  }
}

/** The shape of a spec, for who makes nothing of it: whether a schema is a good one is not asked. @throws LifecycleError ERR_CAPABILITY_INVALID */
export function checkSpecShape(pluginId: string, descriptor: CapabilityDescriptor): void {
  checkedSpec(pluginId, descriptor, () => KINDS[descriptor.kind].checkSpec?.(descriptor.spec));
}
