import type { Grants } from './grants.js';

/** What the launcher restricts itself to. The host writes it. */
export interface Policy {
  /** The version of Landlock to use. */
  readonly landlockAbi: number;
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly run: readonly string[];
  /** TCP ports. */
  readonly connect: readonly number[];
  readonly listen: readonly number[];
  /** The child has descriptors up to this one. */
  readonly lastDescriptor: number;
}

const DNS_PORT = 53;

export function policyOf(grants: Grants, landlockAbi: number, lastDescriptor: number): Policy {
  const { read, write, run, listen } = grants;
  return { landlockAbi, read, write, run, connect: connectPorts(grants.connect), listen, lastDescriptor };
}

/** A name needs a name server, which is asked over TCP. */
function connectPorts(endpoints: readonly string[]): readonly number[] {
  if (endpoints.length === 0) return [];
  return [...new Set([...endpoints.map((endpoint) => Number(endpoint.slice(endpoint.lastIndexOf(':') + 1))), DNS_PORT])];
}
