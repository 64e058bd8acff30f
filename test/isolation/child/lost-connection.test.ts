import { afterAll, expect } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { PROTOCOL_FD } from '../../../src/isolation/wire/messages.js';
import { projectRoot, testWhere } from '../../support/fixtures.js';
import { pause, until } from '../../support/host.js';

const helper = JSON.stringify(path.join(projectRoot, 'test/isolation/process-host.cjs'));

/** Stops its child, sends it a call, prints the child's id, and then the crash. */
const HOST = `(async () => {
  const { openProcesses, pause } = require(${helper});
  let crash;
  const { plugins, tool } = await openProcesses(['crasher'], { restart: { most: 0 }, onCrash: (info) => (crash = info) });
  const [{ pid }] = plugins;
  process.kill(pid, 'SIGSTOP');
  const call = tool('pending').call({ fault: 'close-connection' }).catch((error) => error);
  await pause(100);
  console.log(pid);
  const { code } = await call;
  while (crash === undefined) await pause(5);
  const { reason, ending, machine, suspect } = crash;
  console.log(JSON.stringify({ code, reason, ending, machine, suspect }));
})();`;

const hosts: ChildProcess[] = [];
afterAll(() => {
  for (const host of hosts) host.kill('SIGKILL');
});

testWhere(process.platform === 'linux', 'no /proc to see descriptors in')(
  'a host that is stopped while a plugin closes the connection still reports that, and blames the plugin',
  async () => {
    const host = spawn(process.execPath, ['-e', HOST], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } });
    hosts.push(host);
    const lines = createInterface(host.stdout)[Symbol.asyncIterator]();
    const nextLine = async (): Promise<string> => ((await lines.next()) as { value: string }).value;
    const exited = once(host, 'exit');
    const pid = Number(await nextLine());
    const connection = `/proc/${pid}/fd/${PROTOCOL_FD}`;
    expect(existsSync(connection)).toBe(true);
    host.kill('SIGSTOP');
    process.kill(pid, 'SIGCONT');
    await until(() => !existsSync(connection));
    await pause(3000); // the child must leave a running host more time than this
    host.kill('SIGCONT');
    expect(JSON.parse(await nextLine())).toEqual({
      code: 'ERR_PLUGIN_CRASHED',
      reason: 'was killed by the host: it closed its connection to the host',
      ending: 'killed-by-host',
      suspect: 'crasher',
    });
    expect(await exited).toEqual([0, null]);
  },
);
