const exercise = require('./exercise.cjs');

test('the package works in a CommonJS jest', async () => {
  expect(await exercise(require('aisopod-plugin'))).toEqual({ code: 'ERR_LIBRARY_FORMAT', isPluginError: true });
});
