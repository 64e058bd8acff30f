/** What a host gives the package may throw, or reject where nobody waits: that ends neither the host nor a plugin's restart. */
import { describe, expect, test } from '@jest/globals';
import path from 'node:path';
import { callGuarded } from '../../src/log/call-guarded.js';
import { guardedLogger } from '../../src/log/guarded-logger.js';
import { activate } from '../capability/active-plugin.js';
import { answerOf } from '../support/child.js';
import { folderOf, temporaryFolder } from '../support/fixtures.js';
import { keepingLogger, open } from './host.js';

/** Crashes a plugin until it is given up, in a host of its own with these options. Says what was never caught there. */
const twoCrashes = (options: string): Promise<unknown> =>
  answerOf(`
    const uncaught = [];
    for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, (error) => uncaught.push(event + ': ' + error.message));
    const own = ${JSON.stringify(temporaryFolder())};
    const folders = { pluginDirs: [${JSON.stringify(folderOf('crasher'))}], dataDir: own + '/data', stateDir: own + '/state' };
    const broken = (level) => { throw new Error(level); };
    const brokenLater = async (level) => { throw new Error(level); };
    const loggerOf = (write) => Object.fromEntries(['debug', 'info', 'warn', 'error'].map((level) => [level, () => write(level)]));
    const restart = { firstPauseMs: 1, most: 1 };
    const { processes, ...rest } = ${options};
    const host = await aisopod.PluginHost.open({ hostVersion: '1.0.0', ...folders, processes: { restart, ...processes }, ...rest });
    const states = [];
    for (const state of ['restarting', 'quarantined']) {
      while (host.explain('crasher').state !== 'active') await pause(2);
      await host.find('tool', 'worker').call({ fault: 'abort' }).catch(() => undefined);
      while (host.explain('crasher').state === 'active') await pause(2);
      states.push(host.explain('crasher').state);
    }
    const { ended } = await host.close();
    await pause(10);
    console.log(JSON.stringify({ uncaught, states, ended }));
  `);

describe('a host goes on, and its plugin is started again, where', () => {
  test.each([
    ['a logger throws', '{ logger: loggerOf(broken) }'],
    ['a logger rejects', '{ logger: loggerOf(brokenLater) }'],
    ['a logger has no methods', '{ logger: {} }'],
    ['a logger that throws is to write down what else fails', '{ logger: loggerOf(broken), onState: broken, processes: { onCrash: broken, onGiveUp: broken } }'],
    ['onState, onCrash and onGiveUp throw', '{ onState: broken, processes: { onCrash: broken, onGiveUp: broken } }'],
    ['onState, onCrash and onGiveUp reject', '{ onState: brokenLater, processes: { onCrash: brokenLater, onGiveUp: brokenLater } }'],
    ['what they reject with cannot be put into words', '{ processes: { onCrash: async () => Promise.reject(Object.create(null)) } }'],
  ])('%s', async (_what, options) => {
    expect(await twoCrashes(options)).toEqual({ uncaught: [], states: ['restarting', 'quarantined'], ended: ['crasher'] });
  });
});

test('each failure of a callback is in the log', async () => {
  const { lines, logger } = keepingLogger();
  const failing = (word: string) => () => Promise.reject(new Error(word));
  const processes = { restart: { most: 0 }, onCrash: failing('crash'), onGiveUp: failing('end') };
  const host = await open({ pluginDirs: [folderOf('crasher')], isolation: 'process', logger, processes });
  await host.find('tool', 'worker')?.call({ fault: 'abort' }).catch(() => undefined);
  await host.close();
  const errors = lines.filter(({ level }) => level === 'error').map(({ message }) => message);
  expect(errors).toEqual(['crash', 'end'].map((word) => `a crash callback of the host failed: ${word}`));
});

test('a registry goes on with a logger that throws', async () => {
  const refuse = (): never => {
    throw new Error('full');
  };
  const logger = { debug: refuse, info: refuse, warn: refuse, error: refuse };
  const registry = await activate([{ id: 'a', register: () => undefined, init: (context) => context.logger.info('here') }], { logger, dataDir: path.join(temporaryFolder(), 'data') });
  expect(registry.stateOf('a')?.state).toBe('active');
});

describe('what is guarded', () => {
  test('keeps the object that the logger is, and is guarded once', () => {
    const kept: unknown[] = [];
    class Keeping {
      readonly lines = kept;
      debug = (): void => undefined;
      warn = this.debug;
      error = this.debug;
      info(message: string, fields?: object): void {
        this.lines.push(message, fields);
      }
    }
    const guarded = guardedLogger(new Keeping());
    guarded.info('x', { a: 1 });
    expect(kept).toEqual(['x', { a: 1 }]);
    expect(guardedLogger(guarded)).toBe(guarded);
  });

  test('also against a promise that is none', async () => {
    const thrown: unknown[] = [];
    const thenable = { then: (_resolve: unknown, reject: (error: unknown) => void) => reject('no') };
    const hostile = Object.defineProperty({}, 'then', { get: () => { throw new Error('got'); } });
    for (const returned of [thenable, hostile]) callGuarded(() => returned, (error) => thrown.push(error));
    await new Promise(setImmediate);
    expect(thrown).toEqual([new Error('got'), 'no']);
  });
});
