/** `tool.sync` of an INLINE tool in a child, compared with koffi's way off the main thread in this process. */
import { again, againAsync } from '../measure.mjs';
import { textOf } from '../text.mjs';
import { pingAsync } from './worker.mjs';

export async function* rows({ openChild }) {
  const { tool, close } = await openChild();
  const echo = tool('echo-inline');
  const text = textOf(64);
  yield {
    name: 'isolated tool.sync, INLINE, 64 B',
    unit: 'µs',
    plan: { roundMs: 20, warmUpRounds: 5, rounds: 41 },
    skipped: echo.syncRaw === undefined ? 'a tool in a child has no sync' : undefined,
    ours: again(() => echo.syncRaw(text)),
    against: [{ what: 'koffi .async of three numbers in this process', goal: 0.2, run: againAsync(pingAsync()) }],
  };
  await close();
}
