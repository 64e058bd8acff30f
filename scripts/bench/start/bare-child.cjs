/** The least that a child for plugins must do: load koffi and say so. Runs until it is killed. */
require('koffi');
process.stdout.write('ready');
setInterval(() => undefined, 1 << 30);
