import type { Backend, CapabilityDescriptor } from './backend.js';
import { makeTool, type Tool } from './tool.js';

/** What a host sees of each kind. */
export interface Faces {
  tool: Tool;
  command: unknown;
  hook: unknown;
  channel: unknown;
  provider: unknown;
}

/** @throws Error where the descriptor's spec does not fit its kind. */
export function makeFace(pluginId: string, descriptor: CapabilityDescriptor, backend: Backend): Faces[keyof Faces] {
  return makeTool(pluginId, descriptor, backend);
}
