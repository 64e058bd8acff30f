/** How long things live: under garbage collection, over many loads, and with one library behind several plugins. */
import { describe, expect, test } from '@jest/globals';
import { answerOf } from '../support/child.js';
import { errorOf, openHost, loadFixture } from '../support/host.js';

describe('garbage collection', () => {
  test('leaves a plugin alone as long as one of its tools can be called', async () => {
    const script = `
    let tools = await (async () => {
      const host = await openHost(['good-c']);
      return { echo: host.tool('echo'), inline: host.tool('echo_inline'), pending: host.tool('pending'), owned: host.tool('owned') };
    })();
    const answers = [];
    for (let i = 0; i < 30; i++) {
      gc();
      await pause(1);
      const pending = tools.pending.call({ ms: 3 });
      gc();
      answers.push(await tools.echo.call(i), tools.inline.sync(i), (await tools.owned.callRaw('{"bytes":70000}')).length, (await pending).ok);
    }
    console.log(JSON.stringify(answers));`;
    const expected = Array.from({ length: 30 }, (_, i) => [{ i }, { i }, 70_002, true]).flat();
    expect(await answerOf(script.replaceAll('.call(i)', '.call({ i })').replaceAll('.sync(i)', '.sync({ i })'))).toEqual(expected);
  });

  test('takes no buffer away from under native code that is at work', async () => {
    const script = `
    const host = await openHost(['good-c']);
    const texts = Array.from({ length: 60 }, (_, i) => JSON.stringify(String.fromCharCode(97 + i % 26).repeat(5000 + i * 997)));
    const calls = texts.map((text) => host.tool('echo').callRaw(text));
    const timer = setInterval(gc, 0);
    const right = (await Promise.all(calls)).filter((text, i) => text === texts[i]).length;
    clearInterval(timer);
    console.log(right);`;
    expect(await answerOf(script, { flags: ['--max-semi-space-size=1'] })).toBe(60);
  });

  test('takes no answer away from under a plugin that reads it in on_reply', async () => {
    const script = `
    const host = await openHost(['good-c']);
    let right = 0;
    for (let round = 0; round < 200; round++) {
      const input = { pad: 'p'.repeat(round * 40) };
      const answers = await Promise.all(Array.from({ length: 20 }, () => host.tool('host_call').call({ name: 'echo', input })));
      right += answers.filter(({ pad }) => pad === input.pad).length;
      if (round % 10 === 0) gc();
    }
    console.log(right);`;
    expect(await answerOf(script, { flags: ['--max-semi-space-size=1'] })).toBe(4000);
  });
});

describe('one library behind several plugins', () => {
  test('each load is a plugin of its own: one that ends leaves the others', async () => {
    const [first, second] = [await openHost(['good-c']), await openHost(['good-c'])];
    const echo = second.tool('echo');
    expect((await first.registry.shutdownAll()).failed).toEqual([]);
    expect(await echo.call({ still: 'here' })).toEqual({ still: 'here' });
    const third = await openHost(['good-c']);
    expect(await third.tool('released').call({})).toEqual({ released: 0 });
  });

  test('the same id twice in one registry is refused, naming the first', async () => {
    const host = await openHost(['good-c']);
    const again = await loadFixture('good-c');
    const error = await errorOf(host.registry.register(again));
    expect(error).toMatchObject({ code: 'ERR_DUPLICATE_PLUGIN', winner: expect.stringContaining('Good in C 1.0.0') });
    expect(await host.tool('echo').call({})).toEqual({});
    await again[Symbol.asyncDispose]();
  });

  test('one candidate loaded many times at once gives as many plugins', async () => {
    const plugins = await Promise.all(Array.from({ length: 10 }, () => loadFixture('good-c')));
    expect(new Set(plugins).size).toBe(10);
    for (const plugin of plugins) await plugin[Symbol.asyncDispose]();
  });
});
