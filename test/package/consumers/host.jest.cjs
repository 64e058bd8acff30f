const callInBothHomes = require('./host.cjs');

test('a host works in a CommonJS jest', async () => {
  expect(await callInBothHomes(require('aisopod-plugin'))).toEqual({ 'in-process': { text: 'hé' }, process: { text: 'hé' } });
}, 120_000);
