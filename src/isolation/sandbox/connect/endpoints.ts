import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { URL } from 'node:url';

const DNS_PORT = 53;
/** Instead of a host: every address. */
const ANY = '*';

/** An address and a port, as one text. Addresses of IPv4 that are written as IPv6 count as IPv4. */
export const addressKey = (address: string, port: number): string => `${address}|${port}`;

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

function parse(endpoint: string): Endpoint {
  const colon = endpoint.lastIndexOf(':');
  const host = endpoint.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return { host, port: Number(endpoint.slice(colon + 1)) };
}

const isName = ({ host }: Endpoint): boolean => host !== ANY && isIP(host) === 0;

/** The endpoints that a plugin was granted, as the host compares them with an address. */
export class Endpoints {
  readonly #endpoints: readonly Endpoint[];
  readonly #lookups = new Map<string, Promise<readonly string[]>>();

  /** @param granted "host:port" */
  constructor(granted: readonly string[]) {
    this.#endpoints = granted.map(parse);
  }

  /** Endpoints that need no lookup: those with an address or `*`, and name servers if others have names. */
  get exact(): readonly string[] {
    const addresses = this.#endpoints.filter(({ host }) => host === ANY || isIP(host) !== 0).map(({ host, port }) => addressKey(normal(host), port));
    return this.#needsNameServer ? [...addresses, ...nameServers().map((server) => addressKey(normal(server), DNS_PORT))] : addresses;
  }

  get hasNames(): boolean {
    return this.#endpoints.some(isName);
  }

  get #needsNameServer(): boolean {
    return this.#endpoints.some(({ host }) => isIP(host) === 0);
  }

  /** Whether a name that was granted with this port has this address now. */
  async hasAddress(address: string, port: number): Promise<boolean> {
    const names = this.#endpoints.filter((endpoint) => endpoint.port === port && isName(endpoint));
    const found = await Promise.all(names.map(({ host }) => this.#addressesOf(host)));
    return found.flat().includes(address);
  }

  /** One lookup at a time for each name: they take threads of the host, and a plugin may ask as often as it likes. */
  #addressesOf(host: string): Promise<readonly string[]> {
    const known = this.#lookups.get(host);
    if (known !== undefined) return known;
    const found = lookup(host, { all: true })
      .then((entries) => entries.map((entry) => normal(entry.address)))
      .catch(() => [])
      .finally(() => this.#lookups.delete(host));
    this.#lookups.set(host, found);
    return found;
  }
}

/** One spelling for each address. */
function normal(address: string): string {
  return isIP(address) === 6 ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

function nameServers(): readonly string[] {
  try {
    return [...readFileSync('/etc/resolv.conf', 'utf8').matchAll(/^nameserver\s+(\S+)/gm)].map(([, address = '']) => address).filter((address) => isIP(address) !== 0);
  } catch {
    return [];
  }
}
