/**
 * Ignores the signals that a service manager or a terminal sends to stop a whole process group: the host gets them too, and
 * shuts its plugins down in order. SIGKILL and the end of the host still end this process. The handler is empty instead of
 * SIG_IGN, because programs that a plugin starts would inherit SIG_IGN and could not be stopped as usual. Imported first,
 * because until then such a signal ends the process.
 */
const IGNORED: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGINT', 'SIGBREAK', 'SIGHUP'] : ['SIGTERM', 'SIGINT', 'SIGHUP'];

for (const signal of IGNORED) process.on(signal, () => undefined);
