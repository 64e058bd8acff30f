/** WebAssembly in a worker thread, by Extism. It takes one call at a time. */
import { createPlugin } from '@extism/extism';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import wabt from 'wabt';

/** Extism keeps the memory of each call until it is reset. */
const CALLS_BETWEEN_RESETS = 500;

export async function open() {
  const { parseWat } = await wabt();
  const file = 'extism-echo.wat';
  const { buffer: data } = parseWat(file, readFileSync(join(import.meta.dirname, file), 'utf8')).toBinary({});
  const plugin = await createPlugin({ wasm: [{ data }] }, { useWasi: false, runInWorker: true });
  let calls = 0;
  const call = async (text) => {
    if (++calls % CALLS_BETWEEN_RESETS === 0) await plugin.reset();
    return (await plugin.call('echo', text)).text();
  };
  return { call, close: () => plugin.close() };
}
