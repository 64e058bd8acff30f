/** The one table of a plugin's life: what may follow what, and that registry and reports go by it. */
import { describe, expect, test } from '@jest/globals';
import { LifecycleError, type PluginError } from '../../src/errors/index.js';
import { Lifecycle } from '../../src/plugin/lifecycle.js';
import { stepRow, type PluginState } from '../../src/plugin/lifecycle-table.js';
import { loadIn, openIn } from '../isolation/homes.js';
import { newRegistry } from '../capability/active-plugin.js';
import { errorOf, until } from '../support/host.js';

type Step = Parameters<Lifecycle['begin']>[0];
type Event = Parameters<Lifecycle['happen']>[0];

const FAILURE = new LifecycleError('ERR_INIT_FAILED', { status: 'FAILED', reason: 'no' });
const step = (name: Step) => (life: Lifecycle): void => { life.begin(name, {}); life.finish(name); };
const begun = (name: Step) => (life: Lifecycle): void => life.begin(name, {});
const event = (name: Event) => (life: Lifecycle): void => life.happen(name, FAILURE);
const fails = (life: Lifecycle): void => life.fail(FAILURE);

/** How each state is come to. */
const WAYS: Readonly<Record<PluginState, readonly ((life: Lifecycle) => void)[]>> = {
  discovered: [],
  refused: [fails],
  loaded: [step('load')],
  registering: [step('load'), begun('register')],
  registered: [step('load'), step('register')],
  restoring: [step('load'), step('register'), begun('restore')],
  initializing: [step('load'), step('register'), begun('init')],
  active: [step('load'), step('register'), step('init')],
  restarting: [step('load'), step('register'), step('init'), event('crash')],
  quarantined: [step('load'), step('register'), step('init'), event('crash'), event('quarantine')],
  stopping: [step('load'), step('register'), step('init'), begun('shutdown')],
  failed: [step('load'), step('register'), begun('init'), fails],
  disabled: [event('disable')],
  retired: [step('load'), step('shutdown')],
};
const STATES = Object.keys(WAYS) as PluginState[];

function lifecycleIn(state: PluginState): Lifecycle {
  const life = new Lifecycle();
  for (const go of WAYS[state]) go(life);
  expect(life.state).toBe(state);
  return life;
}

/** Each step: what it may follow, the state while it runs, and the one that it ends in. */
const TABLE: readonly (readonly [Step, readonly PluginState[], PluginState, PluginState])[] = [
  ['load', ['discovered'], 'discovered', 'loaded'],
  ['register', ['loaded'], 'registering', 'registered'],
  ['init', ['registered'], 'initializing', 'active'],
  ['reconfigure', ['active'], 'active', 'active'],
  ['save', ['active'], 'active', 'active'],
  ['restore', ['registered'], 'restoring', 'registered'],
  ['shutdown', ['active', 'registered', 'loaded', 'restarting', 'quarantined'], 'stopping', 'retired'],
];
const IDLE: readonly PluginState[] = ['discovered', 'refused', 'failed', 'disabled', 'retired', 'loaded', 'registered'];
const EVENTS: readonly (readonly [Event, readonly PluginState[], PluginState])[] = [
  ['crash', ['active', 'restarting'], 'restarting'],
  ['comeBack', ['restarting'], 'active'],
  ['quarantine', ['active', 'restarting'], 'quarantined'],
  ['disable', IDLE, 'disabled'],
  ['retire', IDLE, 'retired'],
];

describe('the table', () => {
  test.each(TABLE)('%s follows %j, and nothing else', (name, from, during, to) => {
    for (const state of STATES) {
      const life = lifecycleIn(state);
      expect([state, life.allows(name)]).toEqual([state, from.includes(state)]);
      if (from.includes(state)) {
        life.begin(name, {});
        expect(life.state).toBe(during);
        life.finish(name);
        expect([life.state, life.failure]).toEqual([to, undefined]);
        continue;
      }
      const refusal: object = { code: 'ERR_LIFECYCLE_STATE', operation: name, expected: from[0], found: state, pluginId: 'x', step: stepRow(name).step };
      expect(() => life.begin(name, { pluginId: 'x' })).toThrow(expect.objectContaining(refusal));
      expect(life.state).toBe(state);
    }
  });

  test.each(EVENTS)('%s follows %j, and nothing else', (name, from, to) => {
    for (const state of STATES) {
      const life = lifecycleIn(state);
      if (from.includes(state)) life.happen(name);
      else expect(() => life.happen(name)).toThrow(expect.objectContaining({ code: 'ERR_LIFECYCLE_STATE', operation: name, found: state }));
      expect(life.state).toBe(from.includes(state) ? to : state);
    }
  });

  test.each(TABLE)('a failure of %s does what its row says', async (name, [from]) => {
    const life = lifecycleIn(from ?? 'discovered');
    const before = life.state;
    const released: PluginState[] = [];
    const failed = life.run(name, { pluginId: 'x' }, () => Promise.reject(FAILURE), () => void released.push(life.state));
    expect(await errorOf(failed)).toBe(FAILURE);
    const isKept = stepRow(name).onFailure === 'keep';
    const ended = name === 'load' ? 'refused' : 'failed';
    expect([life.state, life.failure, released]).toEqual(isKept ? [before, undefined, []] : [ended, FAILURE, [ended]]);
  });

  test('only a refused configuration, and a state that is not given, leave their plugin as it was', () => {
    expect(TABLE.map(([name]) => name).filter((name) => stepRow(name).onFailure === 'keep')).toEqual(['reconfigure', 'save']);
  });

  test('a step that may not run is refused at once, and what it was given does not run', async () => {
    const life = lifecycleIn('active');
    const ran: string[] = [];
    expect(() => life.run('init', { pluginId: 'x' }, () => void ran.push('init'), () => void ran.push('release'))).toThrow(expect.objectContaining({ code: 'ERR_LIFECYCLE_STATE' }));
    expect([ran, life.state]).toEqual([[], 'active']);
    await life.run('shutdown', {}, () => void ran.push(life.state));
    expect([ran, life.state]).toEqual([['stopping'], 'retired']);
  });

  test('anything that a step throws becomes a typed error of that step on the plugin, and goes to the caller unchanged', async () => {
    const life = lifecycleIn('registered');
    await expect(life.run('init', { pluginId: 'x' }, () => { throw 'no'; })).rejects.toBe('no'); // oxlint-disable-line typescript/only-throw-error
    expect(life.failure).toMatchObject({ code: 'ERR_INTERNAL', step: 'init', pluginId: 'x' });
  });

  test('a step that does not run cannot finish', () => {
    expect(() => lifecycleIn('failed').finish('init')).toThrow(expect.objectContaining({ code: 'ERR_LIFECYCLE_STATE', operation: 'init', expected: 'initializing', found: 'failed' }));
  });

  test('a failure refuses what was not loaded, and fails the rest', () => {
    for (const state of STATES) {
      const life = lifecycleIn(state);
      life.fail(FAILURE);
      expect([state, life.state, life.failure]).toEqual([state, state === 'discovered' || state === 'refused' ? 'refused' : 'failed', FAILURE]);
    }
  });

  test('each state says what a report shows, what a new process brings back, and who may call others', () => {
    expect(STATES.map((state) => [state, lifecycleIn(state).shown.shown]).filter(([state, shown]) => state !== shown)).toEqual([
      ['registering', 'loaded'],
      ['restoring', 'registered'],
      ['initializing', 'registered'],
      ['stopping', 'active'],
    ]);
    expect(STATES.filter((state) => lifecycleIn(state).reached !== undefined)).toEqual(['loaded', 'registering', 'registered', 'restoring', 'initializing', 'active', 'restarting']);
    expect(STATES.filter((state) => lifecycleIn(state).isSteady)).toEqual(['loaded', 'registered', 'active', 'restarting']);
    expect(STATES.filter((state) => lifecycleIn(state).mayCall)).toEqual(['initializing', 'active', 'restarting', 'stopping']);
    expect(STATES.filter((state) => lifecycleIn(state).isUp)).toEqual(['active', 'restarting', 'quarantined']);
    const fellOver = lifecycleIn('restarting');
    fellOver.fail(FAILURE);
    expect([fellOver.state, fellOver.isUp]).toEqual(['failed', true]);
  });
});

describe.each(['in-process', 'process'] as const)('one state of a plugin, %s', (home) => {
  test('the registry shows what the plugin has, also where the plugin failed for its configuration', async () => {
    const plugin = await loadIn(home, 'good-c');
    const registry = newRegistry({ configOf: () => { throw new Error('not valid'); } });
    const states = (): unknown[] => [registry.stateOf('good-c')?.state, plugin.lifecycle?.state];
    await registry.register(plugin);
    expect(states()).toEqual(['registered', 'registered']);
    const error: PluginError = await errorOf(registry.init('good-c'));
    expect(error).toMatchObject({ code: 'ERR_INIT_FAILED', reason: 'not valid' });
    expect(states()).toEqual(['failed', 'failed']);
    expect([registry.stateOf('good-c')?.error, plugin.lifecycle?.failure]).toEqual([error, error]);
    await registry.shutdown('good-c');
    expect(states()).toEqual([undefined, 'failed']);
    if (home === 'process') expect(plugin).toMatchObject({ pid: undefined });
  });
});

test('the registry shows that a plugin is being restarted, and why', async () => {
  const host = await openIn('process', ['crasher'], { restart: { firstPauseMs: 3_600_000, longestPauseMs: 3_600_000 } });
  const crash = errorOf(host.tool('worker').call({ fault: '_exit' }, { timeoutMs: Infinity }));
  expect(await crash).toMatchObject({ code: 'ERR_PLUGIN_CRASHED' });
  await until(() => host.registry.stateOf('crasher')?.state === 'restarting');
  expect(host.registry.stateOf('crasher')).toMatchObject({ state: 'restarting', error: { code: 'ERR_LIFECYCLE_CRASHED' } });
});
