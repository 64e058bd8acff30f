/**
 * Takes the signals by which a service manager or a terminal asks a whole group to end, and does nothing: whether to end is
 * the host's decision, which then shuts the plugins down in order. SIGKILL still ends this process, and so does the end of
 * the host. A handler, not SIG_IGN: what a plugin starts would inherit that, and could not be ended in the usual way.
 * The first import of the program, so that there is little time in which such a signal ends it.
 */
const LEFT_TO_HOST: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGINT', 'SIGBREAK', 'SIGHUP'] : ['SIGTERM', 'SIGINT', 'SIGHUP'];

for (const signal of LEFT_TO_HOST) process.on(signal, () => undefined);
