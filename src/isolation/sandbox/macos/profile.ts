import type { Sandbox } from '../../../report/child-sandbox.js';

/** What `sandbox_init_with_parameters` takes: the rules, and the paths by the names that the rules have for them. */
export interface Profile {
  readonly text: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Folders of the system that every program may read: libraries, time zones, locales. */
const SYSTEM_FOLDERS = ['/System', '/usr/lib', '/usr/share', '/private/var/db/timezone', '/private/var/db/dyld', '/private/etc/localtime', '/private/etc/ssl'];
const DEVICES = ['/dev/null', '/dev/zero', '/dev/random', '/dev/urandom'];
/** To look up names. */
const NETWORK_FILES = ['/private/etc/hosts', '/private/etc/resolv.conf', '/private/etc/services', '/private/var/run/mDNSResponder'];

/**
 * The rules of macOS' sandbox for a child. The last rule that matches decides. What is not named stays allowed, such as the services of the
 * system: that is why no key is more than partly enforced there. `own`: folders of Node, this package and koffi.
 */
export function profileOf({ read, write, connect, listen, run }: Sandbox, own: readonly string[]): Profile {
  const parameters: Record<string, string> = {};
  /** Paths are parameters: whatever is in them is no rule. */
  const paths = (prefix: string, filter: 'subpath' | 'literal', list: readonly string[]): string =>
    list
      .map((path, index) => {
        parameters[`${prefix}${index}`] = path;
        return `(${filter} (param "${prefix}${index}"))`;
      })
      .join(' ');
  const allow = (operation: string, filters: string): string => (filters === '' ? '' : `(allow ${operation} ${filters})`);
  const written = paths('WRITE', 'subpath', write);
  const started = paths('RUN', 'literal', run);
  const lines = [
    '(version 1)',
    '(allow default)',
    '(deny file-read-data)',
    allow('file-read-data', `(literal "/") ${[...SYSTEM_FOLDERS, ...(connect.length > 0 ? NETWORK_FILES : [])].map((path) => `(subpath "${path}")`).join(' ')}`),
    allow('file-read-data file-write-data', DEVICES.map((path) => `(literal "${path}")`).join(' ')),
    allow('file-read-data', [paths('OWN', 'subpath', own), paths('READ', 'subpath', read), started].filter((part) => part !== '').join(' ')),
    '(deny file-write*)',
    allow('file-write-data', '(literal "/dev/null")'),
    allow('file-read-data file-write*', written),
    '(deny network*)',
    ...networkRules(connect, listen),
    '(deny process-exec*)',
    run.length === 0 ? '(deny process-fork)' : allow('process-exec*', started),
    '(deny signal)',
    '(allow signal (target self))',
    run.length === 0 ? '' : '(allow signal (target same-sandbox))',
  ];
  return { text: lines.filter((line) => line !== '').join('\n'), parameters };
}

/** macOS knows ports, and of hosts only `*` and `localhost`. */
function networkRules(connect: readonly string[], listen: readonly number[]): readonly string[] {
  const ports = [...new Set(connect.map((endpoint) => Number(endpoint.slice(endpoint.lastIndexOf(':') + 1))))];
  const outbound = ports.map((port) => `(allow network-outbound (remote tcp "*:${port}"))`);
  const names = ports.length === 0 ? [] : ['(allow network-outbound (literal "/private/var/run/mDNSResponder"))'];
  return [...outbound, ...names, ...listen.map((port) => `(allow network-bind network-inbound (local tcp "*:${port}"))`)];
}
