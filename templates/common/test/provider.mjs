test('lists its models', async () => {
  assert.deepEqual(await find('provider', '{{capability}}').models(), [{ id: 'echo-1', name: 'Echo' }]);
});

test('answers with the last message, and sends the answer in parts', async () => {
  const parts = [];
  const request = { model: 'echo-1', messages: [{ role: 'user', content: 'hello "you" 😀' }] };
  const message = await find('provider', '{{capability}}').chat(request, { onDelta: ({ content }) => void parts.push(content) });
  assert.deepEqual(message, { role: 'assistant', content: 'hello "you" 😀', finishReason: 'stop' });
  assert.deepEqual(parts, ['hello ', '"you" ', '😀']);
});
