import { afterAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { sandboxSupport } from '../../../../src/isolation/sandbox/probe.js';
import { Endpoints } from '../../../../src/isolation/sandbox/connect/endpoints.js';
import { testWhere } from '../../../support/fixtures.js';
import { Attacker, makeOutside, startVictims, type Victims } from './attacker.js';

/** Exact addresses, by the host. */
const { keys } = sandboxSupport();
const testGuard = testWhere(keys.connect === 'enforced', 'needs a kernel that lets the host answer calls of a child');

const servers: Server[] = [];
afterAll(() => servers.forEach((server) => server.close()));

/** A port on which somebody listens, on one address only. */
async function listenOn(host: string, port = 0): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => undefined).resume()).listen(port, host);
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const WAYS = ['connect by TCP', 'connect by TCP over IPv6', 'connect by TCP without waiting', 'connect on a thread'];

async function outcomes(granted: readonly string[], victims: Victims): Promise<readonly string[]> {
  const attacker = await Attacker.open(victims, { connect: granted });
  const found: string[] = [];
  for (const way of WAYS) found.push(await attacker.run(way, makeOutside()));
  return found;
}

describe('connections that the host makes', () => {
  testGuard('go to an address that was granted, with this port', async () => {
    const victims = await startVictims();
    expect(await outcomes([`127.0.0.1:${victims.port}`], victims)).toEqual(WAYS.map(() => 'reached'));
  });

  testGuard('do not go to another address with this port, or to this address with another port', async () => {
    const victims = await startVictims();
    const refused = WAYS.map(() => 'EACCES');
    expect(await outcomes([`127.0.0.2:${victims.port}`], victims)).toEqual(refused);
    expect(await outcomes([`[::1]:${victims.port}`], victims)).toEqual(refused);
    expect(await outcomes([`127.0.0.1:${victims.port === 1 ? 2 : 1}`], victims)).toEqual(refused);
  });

  testGuard('go to a name, which the host looks up, and to any address with *', async () => {
    const victims = await startVictims();
    expect(await outcomes([`localhost:${victims.port}`], victims)).toEqual(WAYS.map(() => 'reached'));
    expect(await outcomes([`*:${victims.port}`], victims)).toEqual(WAYS.map(() => 'reached'));
    expect(await outcomes([`name.invalid:${victims.port}`], victims)).toEqual(WAYS.map(() => 'EACCES'));
  });

  testGuard('fail as they do without the host where nobody listens', async () => {
    // Another process may listen at a port that was just given back.
    let outcome: string | undefined = 'reached';
    for (let tries = 0; outcome === 'reached' && tries < 10; tries++) {
      const port = await listenOn('127.0.0.1');
      await new Promise((resolve) => servers.pop()!.close(resolve));
      const victims = { ...(await startVictims()), port };
      [outcome] = await outcomes([`127.0.0.1:${port}`], victims);
    }
    expect(outcome).toBe('ECONNREFUSED');
  });

  testGuard('what the plugin writes over the address while the host looks changes nothing', async () => {
    const victims = await startVictims();
    const other = await listenOn('127.0.0.1');
    const attacker = await Attacker.open({ ...victims, pid: other }, { connect: [`127.0.0.1:${victims.port}`] });
    // Switches between the granted port and another one, on another thread, and connects again and again.
    expect(await attacker.run('connect while the address changes', makeOutside())).not.toBe('reached');
  });

  testGuard('of programs that the plugin runs go the same way', async () => {
    const victims = await startVictims();
    const run = [realpathSync('/bin/true')];
    const attacker = await Attacker.open(victims, { connect: [`127.0.0.1:${victims.port}`], run });
    expect(await attacker.run('connect in another process', makeOutside())).toBe('reached');
    const other = await Attacker.open(victims, { connect: [`127.0.0.2:${victims.port}`], run });
    expect(await other.run('connect in another process', makeOutside())).toBe('EACCES');
  });

  testGuard('many at once, and after the plugin was started again', async () => {
    const victims = await startVictims();
    const attacker = await Attacker.open(victims, { connect: [`127.0.0.1:${victims.port}`] });
    const folder = makeOutside();
    expect(await Promise.all(Array.from({ length: 20 }, () => attacker.run('connect by TCP', folder)))).toEqual(Array(20).fill('reached'));
    await attacker.restart();
    expect(await attacker.run('connect by TCP', folder)).toBe('reached');
  });
});

test('endpoints have one spelling for each address', async () => {
  const endpoints = new Endpoints(['192.0.2.1:80', '[2001:DB8:0::1]:443', '*:8080']);
  expect(endpoints.exact.slice(0, 3)).toEqual(['192.0.2.1|80', '2001:db8::1|443', '*|8080']);
  expect(endpoints.hasNames).toBe(false);
  expect(new Endpoints(['localhost:1']).hasNames).toBe(true);
  expect(await new Endpoints(['localhost:1']).hasAddress('127.0.0.1', 1)).toBe(true);
  expect(await new Endpoints(['localhost:1']).hasAddress('127.0.0.1', 2)).toBe(false);
  expect(await new Endpoints(['localhost:1']).hasAddress('192.0.2.1', 1)).toBe(false);
});
