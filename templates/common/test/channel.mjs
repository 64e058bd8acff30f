test('sends a message, and receives the answer', async () => {
  const received = [];
  const { promise, resolve: arrived } = withResolvers();
  const connection = await find('channel', '{{capability}}').connect({
    settings: {},
    onMessage(message) {
      received.push(message);
      arrived();
    },
  });
  assert.deepEqual(await connection.send({ text: 'hello "you"' }), { id: '1' });
  await promise;
  assert.deepEqual(received, [{ id: '1', text: 'hello "you"', sender: { id: 'echo' } }]);
  await connection.disconnect();
});

/** Promise.withResolvers, which Node 20 does not have. */
function withResolvers() {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  return { promise, resolve };
}
