test('greets', async () => {
  const command = find('command', '{{capability}}');
  assert.deepEqual(await command.run(['Ada', 'Zoë']), { exitCode: 0, stdout: 'Hello, Ada!\nHello, Zoë!\n', stderr: '' });
});

test('explains its usage', async () => {
  const { exitCode, stderr } = await find('command', '{{capability}}').run([]);
  assert.equal(exitCode, 2);
  assert.match(stderr, /^usage: {{capability}} NAME/);
});
