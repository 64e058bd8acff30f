import type { Tool } from '../../capability/kinds/tool.js';
import { callback, milliseconds, name } from '../../options/fields.js';
import { group } from '../../options/group.js';
import { readOptions } from '../../options/read-options.js';
import { packageVersion } from '../../files/index.js';

export interface McpServerOptions {
  /** What clients show of this server. Default: `aisopod-plugin`, and the version of this package. */
  readonly name?: string;
  readonly version?: string;
  /** Text for the model: what the tools are for and how to use them together. Default: none. */
  readonly instructions?: string;
  /** Whether clients see this tool and may call it. Must return `true`; any other value, even a promise, hides it. Default: all tools. */
  readonly offers?: (tool: Tool) => boolean;
  /** Milliseconds for each call. Default 60 000. */
  readonly timeoutMs?: number;
}

/** Checked options, with the defaults filled in. */
export interface McpServerSettings extends Required<Pick<McpServerOptions, 'name' | 'version' | 'offers'>> {
  readonly instructions?: string | undefined;
  readonly timeoutMs?: number | undefined;
}

const serverOptions = group<McpServerOptions>({
  name: name('a name'),
  version: name('a version'),
  instructions: name('text'),
  offers: callback(),
  timeoutMs: milliseconds(),
});

/** @throws LoadError ERR_OPTIONS */
export function readServerOptions(given: unknown): McpServerSettings {
  const { name = 'aisopod-plugin', version = packageVersion() ?? '0.0.0', offers = () => true, ...others } = readOptions(serverOptions, given);
  return { name, version, offers, ...others };
}
