import type { SharedLibrary } from '../library/index.js';
import type { Logger } from '../log/logger.js';
import type { Lifecycle } from '../plugin/lifecycle.js';
import type { LoadTimeouts } from '../plugin/lifecycle-table.js';
import type { DeclaredCapabilities, PluginMeta } from '../plugin/plugin.js';
import type { OverdueCall } from './abandoned-calls.js';
import type { ErrandLimit } from './errands.js';
import type { OutsideCalls } from './outside-calls.js';
import type { Vtable } from './vtable.js';

export interface NativePluginOptions {
  readonly id: string;
  readonly meta: PluginMeta;
  readonly declared: DeclaredCapabilities;
  /** Kept as long as the plugin, because it contains the plugin's functions. */
  readonly library: SharedLibrary;
  /** The library's file, as errors name it. */
  readonly file: string;
  readonly vtable: Vtable;
  readonly logger: Logger;
  readonly timeouts: LoadTimeouts;
  /** Maximum size of an input, chunk or reply. */
  readonly maxPayloadBytes: number;
  /** Whether the main thread must run no code of the plugin. */
  readonly offMain: boolean;
  /** Of `release`, `cancel` and `on_reply`, where they run on workers. */
  readonly errandLimit?: ErrandLimit | undefined;
  readonly outside?: OutsideCalls | undefined;
  /** Default: a new one. */
  readonly lifecycle?: Lifecycle | undefined;
  /** Called when an invocation passes its deadline in native code. */
  readonly onOverdue?: ((call: OverdueCall) => void) | undefined;
  /** Whether its code is lost, because its file was overwritten. Then none of its functions is called any more. */
  readonly isLost?: (() => boolean) | undefined;
  /** Called when none of the plugin's code runs any more. Not called if a native call never returns. */
  readonly onGone?: (() => void) | undefined;
}
