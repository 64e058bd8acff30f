import assert from 'node:assert/strict';
import test from 'node:test';
import * as aisopod from 'aisopod-plugin';
import callInBothHomes from './host.cjs';

test("a host works in Node's test runner", async () => {
  assert.deepEqual(await callInBothHomes(aisopod), { 'in-process': { text: 'hé' }, process: { text: 'hé' } });
});
