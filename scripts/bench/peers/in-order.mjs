/** For a peer that answers in order and without ids: gives each answer to the oldest request that has none. */
export function inOrder(send) {
  const waiting = [];
  return {
    call: (text) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        send(text);
      }),
    answer: (text) => waiting.shift()(text),
  };
}
