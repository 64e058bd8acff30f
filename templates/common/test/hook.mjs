const dispatch = (tool, params) => host.dispatch('{{capability}}', { tool, params });

test('lets a harmless call go on', async () => {
  const result = await dispatch('shell', { command: 'ls' });
  assert.equal(result.vetoed, undefined, JSON.stringify(result));
  assert.equal(result.data.params.command, 'ls');
});

test('vetoes a call that deletes everything', async () => {
  const { vetoed } = await dispatch('shell', { command: 'rm -rf /' });
  assert.match(vetoed.reason, /deletes/);
});
