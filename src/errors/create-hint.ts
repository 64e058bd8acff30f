/** What to do if no thread was free for a call into a plugin. */
export const BUSY_THREADS_ADVICE =
  'The plugin was not called: native calls that are still running hold all threads. Wait for them, raise UV_THREADPOOL_SIZE, or raise the deadline (timeouts).';

/** How the reason of an ERR_CREATE_FAILED begins if no thread was free. */
export const NOT_STARTED = 'was not started';

/** `symbol`: a function of the contract, or what else of the library ran. */
export function createHint({ symbol, reason }: { readonly symbol: string; readonly reason: string }): string {
  if (reason.startsWith(NOT_STARTED)) return BUSY_THREADS_ADVICE;
  if (symbol.startsWith('aisopod_plugin_')) return 'This is a bug in the plugin: aisopod_plugin_create must return a pointer to an aisopod_plugin, and neither function may block.';
  return 'This is a bug in the plugin or in a library that it needs: what runs when a library is opened or closed must not block.';
}
