/** Node ends the process where it cannot start the thread behind a time limit: such a call must fail instead. */
import { expect } from '@jest/globals';
import { testWhere } from '../support/fixtures.js';
import { answerOf } from '../support/child.js';

const isLinux = process.platform === 'linux';

const SET_LIMIT = `
  const setrlimit = require('koffi').load(null).func('setrlimit', 'int', ['int', 'void *']);
  const limit = (resource, most) => setrlimit(resource, Buffer.from(new BigUint64Array([BigInt(most), BigInt(most)]).buffer));`;

const REFUSED = 'cannot set a time limit: this process has no thread or file descriptor left';

testWhere(isLinux, 'no such limit here')('no descriptors are left: a tool cannot be called, and can be later', async () => {
  const script = `${SET_LIMIT}
    const { registry } = await openHost([]);
    const parameters = { properties: { text: { pattern: '^(a+)+$' } } };
    await registry.register(aisopod.definePlugin({ id: 'patterns', register: (api) => api.registerTool({ name: 'pattern', parameters, call: () => ({}) }) }));
    await registry.init('patterns');
    const call = () => registry.tool('pattern').call({ text: 'aaa' }).catch(({ code, found }) => [code, found]);
    const answers = [await call()];
    const fs = require('node:fs');
    const RLIMIT_NOFILE = 7;
    limit(RLIMIT_NOFILE, 200);
    const opened = [];
    try { for (;;) opened.push(fs.openSync('/dev/null')); } catch {}
    answers.push(await call());
    for (const descriptor of opened) fs.closeSync(descriptor);
    answers.push(await call());
    console.log(JSON.stringify(answers));`;
  expect(await answerOf(script)).toEqual([{}, ['ERR_INVALID_PARAMETERS', `an error: ${REFUSED}`], {}]);
});

testWhere(isLinux, 'no such limit here')('no thread can be started', async () => {
  const script = `${SET_LIMIT}
    const { withinTime } = require('./build/modules/schema/time-limit.js');
    const answers = [withinTime(1000, () => 'in time')];
    const RLIMIT_NPROC = 6;
    if (process.getuid() === 0) process.setuid(65534); // root has no such limit
    limit(RLIMIT_NPROC, 0);
    try { answers.push(withinTime(1000, () => 'in time')); } catch (error) { answers.push(error.message); }
    console.log(JSON.stringify(answers));`;
  expect(await answerOf(script)).toEqual(['in time', REFUSED]);
});
