test('greets', async () => {
  const tool = find('tool', '{{capability}}');
  assert.deepEqual(await tool.call({ name: 'Ada' }), { greeting: 'Hello, Ada!' });
  assert.deepEqual(await tool.call({ name: 'Ada', times: 2 }), { greeting: 'Hello, Ada! Hello, Ada!' });
});

test('takes any text as a name', async () => {
  const tool = find('tool', '{{capability}}');
  for (const name of ['"quoted" \\', 'Zoë 😀', '\u0000\n', 'x'.repeat(100)]) {
    assert.deepEqual(await tool.call({ name, times: 10 }), { greeting: Array(10).fill(`Hello, ${name}!`).join(' ') });
  }
});

test('refuses parameters that do not fit', async () => {
  await assert.rejects(find('tool', '{{capability}}').call({ name: 5 }), { code: 'ERR_INVALID_PARAMETERS' });
});
