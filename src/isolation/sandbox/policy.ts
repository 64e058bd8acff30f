import type { Sandbox } from '../../report/child-sandbox.js';

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
  /** The host makes the connections, to exact addresses. */
  readonly asksToConnect: boolean;
  /** The host decides what is denied, to report it. */
  readonly isTraced: boolean;
}

const DNS_PORT = 53;

export interface PolicyFacts {
  readonly kernelAbi: number;
  /** The host can answer calls of the child. */
  readonly canGuard: boolean;
  /** What is denied is to be reported. */
  readonly wantsTrace: boolean;
}

export function policyOf(sandbox: Sandbox, { kernelAbi, canGuard, wantsTrace }: PolicyFacts): Policy {
  const { read, write, run, listen, landlockAbi = kernelAbi } = sandbox;
  return { landlockAbi, read, write, run, connect: connectPorts(sandbox.connect), listen, asksToConnect: canGuard && sandbox.connect.length > 0, isTraced: canGuard && wantsTrace };
}

/** A name needs a name server, which is asked over TCP. */
function connectPorts(endpoints: readonly string[]): readonly number[] {
  if (endpoints.length === 0) return [];
  return [...new Set([...endpoints.map((endpoint) => Number(endpoint.slice(endpoint.lastIndexOf(':') + 1))), DNS_PORT])];
}
