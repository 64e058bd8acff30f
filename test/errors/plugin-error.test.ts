import { describe, expect, test } from '@jest/globals';
import { ERROR_TABLE, InvocationError, LifecycleError, LoadError, PluginError } from '../../src/errors/index.js';

describe('errors come out of one table', () => {
  test('an error carries code, step, plugin, path, fields, hint and cause', () => {
    const cause = new Error('dlopen: no');
    const error = new LoadError(
      'ERR_ABI_MISMATCH',
      { expected: { min: 1, max: 1 }, found: 7, source: 'function' },
      { pluginId: 'weather', path: '/p/libweather.so', cause },
    );
    expect(error).toMatchObject({ code: 'ERR_ABI_MISMATCH', step: 'bind', found: 7, pluginId: 'weather', path: '/p/libweather.so', cause });
    expect(error.message).toBe('plugin weather: aisopod_plugin_abi_version returned 7; this host supports only 1 (/p/libweather.so)');
    expect(error.hint).toMatch(/^Update the host/);
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ name: 'LoadError', code: 'ERR_ABI_MISMATCH', cause: 'dlopen: no' });
  });

  test('narrowing on code gives the fields', () => {
    const error: unknown = new LoadError('ERR_MISSING_SYMBOL', { symbol: 'aisopod_plugin_create' });
    if (!(error instanceof LoadError) || error.code !== 'ERR_MISSING_SYMBOL') throw new Error('not narrowed');
    const symbol: string = error.symbol;
    expect(symbol).toBe('aisopod_plugin_create');
  });

  test('three branches of one base', () => {
    const life = new LifecycleError('ERR_INIT_FAILED', { status: 'FAILED', reason: 'no' });
    const call = new InvocationError('ERR_PLUGIN_BUSY', { capability: 'tool x', reason: 'y' });
    for (const error of [life, call]) {
      expect(error).toBeInstanceOf(PluginError);
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBeInstanceOf(LoadError);
    }
  });

  test('an error table row has a when line that ends in a full stop', () => {
    for (const row of Object.values(ERROR_TABLE)) expect(row.when).toMatch(/\.$/);
  });
});
