import { expect, test } from '@jest/globals';
import * as aisopod from 'aisopod-plugin';
import callInBothHomes from './host.cjs';

test('a host works in a jest with ES modules', async () => {
  expect(await callInBothHomes(aisopod)).toEqual({ 'in-process': { text: 'hé' }, process: { text: 'hé' } });
}, 120_000);
