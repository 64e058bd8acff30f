import type { ProcessEnd } from '../../errors/index.js';

/** The latest request of the host that is still in progress, and the plugin that it was sent to. */
export interface LastRequest {
  /** `load`, `init`, `tool forecast` …, or `idle`. */
  readonly during: string;
  /** The plugin's id. Absent if no request was in progress. */
  readonly suspect?: string;
}

/** No request was in progress. */
export const IDLE: LastRequest = { during: 'idle' };

/** How a child ended, and during which request. */
export interface ChildEnd extends ProcessEnd, LastRequest {}

/** Whether a request was rejected because its child ended. */
export const isChildEnd = (thrown: unknown): thrown is ChildEnd =>
  typeof thrown === 'object' && thrown !== null && Object.hasOwn(thrown, 'exitCode') && Object.hasOwn(thrown, 'during');
