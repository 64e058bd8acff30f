/**
 * A native thread that calls the host while Node tears itself down can crash it, and only `shutdown` ends a plugin's
 * threads. So when the event loop has run dry, active plugins are shut down before Node exits by itself. An explicit
 * process.exit needs no such care: callbacks then find nobody.
 */
const active = new Set<AsyncDisposable>();
let watching = false;

async function stopAll(): Promise<void> {
  const plugins = [...active];
  active.clear();
  // A failure is on the plugin's record; there is nobody left to tell.
  await Promise.allSettled(plugins.map(async (plugin) => plugin[Symbol.asyncDispose]()));
}

export function stopAtExit(plugin: AsyncDisposable): void {
  active.add(plugin);
  if (watching) return;
  watching = true;
  process.on('beforeExit', () => {
    if (active.size > 0) void stopAll();
  });
}

export function leaveAtExit(plugin: AsyncDisposable): void {
  active.delete(plugin);
}
