import type * as ClientModule from '@modelcontextprotocol/client';
import type * as ServerModule from '@modelcontextprotocol/server';
import type * as ServerStdioModule from '@modelcontextprotocol/server/stdio';
import { LoadError, messageOf, systemCode } from '../errors/index.js';

export type ServerSdk = typeof ServerModule;
export type ServerStdioSdk = typeof ServerStdioModule;
export type ClientSdk = typeof ClientModule;

/*
 * The official MCP SDK. Its packages are optional peer dependencies, so they are imported only here, when they are used. No
 * declaration that this package exports mentions their types.
 */

/** @throws LoadError ERR_MISSING_PACKAGE */
export const loadServerSdk = (): Promise<ServerSdk> => load<ServerSdk>('@modelcontextprotocol/server');

/** @throws LoadError ERR_MISSING_PACKAGE */
export const loadServerStdioSdk = (): Promise<ServerStdioSdk> => load<ServerStdioSdk>('@modelcontextprotocol/server', '/stdio');

/** @throws LoadError ERR_MISSING_PACKAGE */
export const loadClientSdk = (): Promise<ClientSdk> => load<ClientSdk>('@modelcontextprotocol/client');

/** The name is not a constant: a bundler would look for the package even for hosts that do not use it. */
async function load<T>(packageName: string, subpath = ''): Promise<T> {
  try {
    return (await import(`${packageName}${subpath}`)) as T;
  } catch (cause) {
    throw isMissing(packageName, cause) ? new LoadError('ERR_MISSING_PACKAGE', { packageName }, { cause }) : cause;
  }
}

/** Whether this package itself was not found: one that it needs may be missing instead, which its message says. */
function isMissing(packageName: string, error: unknown): boolean {
  const isNotFound = ['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(systemCode(error) ?? '');
  return isNotFound && (messageOf(error).split('\n', 1)[0] ?? '').includes(packageName);
}
