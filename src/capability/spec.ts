import { LifecycleError, PluginError, inPlugin, messageOf } from '../errors/index.js';
import { requireCodeGeneration } from '../schema/code-generation.js'; // not the index, which loads Ajv
import type { CapabilityDescriptor } from './descriptor.js';
import { KINDS } from './kinds/index.js';

/** Characters. The message may quote a name as long as the whole spec. */
const MAX_REASON = 1000;

/** Converts an Error of `run`, which uses the descriptor's spec. @throws LifecycleError ERR_CAPABILITY_INVALID, ERR_CODE_GENERATION; LoadError ERR_PROTOTYPE_MEMBERS */
export function checkedSpec<T>(pluginId: string, { kind, name }: CapabilityDescriptor, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof PluginError) throw inPlugin(cause, pluginId);
    requireCodeGeneration(cause, { pluginId });
    const expected = `a spec that fits a ${kind}`;
    const fields = { kind, capabilityName: name, member: 'spec', expected, found: messageOf(cause).slice(0, MAX_REASON) };
    throw new LifecycleError('ERR_CAPABILITY_INVALID', fields, { pluginId, cause });
  }
}

/** Checks the shape of a spec, without compiling a schema in it. @throws LifecycleError ERR_CAPABILITY_INVALID */
export function checkSpecShape(pluginId: string, descriptor: CapabilityDescriptor): void {
  checkedSpec(pluginId, descriptor, () => KINDS[descriptor.kind].checkSpec?.(descriptor.spec, descriptor.name));
}
