import * as aisopod from 'aisopod-plugin';
import { expect, test } from 'vitest';
import callInBothHomes from './host.cjs';

test('a host works in vitest', async () => {
  expect(await callInBothHomes(aisopod)).toEqual({ 'in-process': { text: 'hé' }, process: { text: 'hé' } });
}, 120_000);
