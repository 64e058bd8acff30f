/**
 * Ignores the signals that a service manager or a terminal sends to a whole process group to stop it: the host gets them
 * too, and shuts the plugins down in order. SIGKILL and the end of the host still end this process. This is an empty handler
 * and not SIG_IGN, because programs that a plugin starts would inherit SIG_IGN and could then not be stopped as usual.
 * Imported first, to keep the time short in which such a signal would end the process.
 */
const IGNORED: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGINT', 'SIGBREAK', 'SIGHUP'] : ['SIGTERM', 'SIGINT', 'SIGHUP'];

for (const signal of IGNORED) process.on(signal, () => undefined);
