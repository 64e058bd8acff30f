import type { Tool as McpTool } from '@modelcontextprotocol/server';
import { toolDefinitions } from '../../capability/definitions/tool-definitions.js';
import type { Tool } from '../../capability/kinds/tool.js';
import { optionError } from '../../options/option-error.js';
import { queueMicrotask } from '../../machine/node-timers.js';
import type { McpHost } from './public.js';

const METHODS = ['find', 'dispatch', 'on', 'off'] as const;

/** @throws LoadError ERR_OPTIONS */
export function requireHost(host: unknown): asserts host is McpHost {
  const members = typeof host === 'object' && host !== null ? (host as Partial<McpHost>) : {};
  if (!METHODS.every((method) => typeof members[method] === 'function')) throw optionError('host', 'a PluginHost', host);
}

/** The tools of a host that clients may use. Calls `onChange` when their list or their definitions have changed. */
export class OfferedTools {
  #last: string;
  #isChecking = false;

  constructor(
    private readonly host: McpHost,
    private readonly offers: (tool: Tool) => boolean,
    private readonly onChange: () => void,
  ) {
    this.#last = this.#fingerprint();
    host.on('state', this.#onState);
  }

  list(): McpTool[] {
    const offered = this.host.tools.filter((tool) => this.#isOffered(tool));
    return [...toolDefinitions(offered, 'mcp').tools] as McpTool[];
  }

  find(name: string): Tool | undefined {
    const tool = this.host.find('tool', name);
    return tool !== undefined && this.#isOffered(tool) ? tool : undefined;
  }

  close(): void {
    this.host.off('state', this.#onState);
  }

  /** Only `true` offers a tool: neither a promise nor an error may show one that was to be hidden. */
  #isOffered(tool: Tool): boolean {
    try {
      return (this.offers(tool) as unknown) === true;
    } catch {
      return false;
    }
  }

  #fingerprint(): string {
    return JSON.stringify(this.list());
  }

  /** Several plugins often change at once, so the list is compared when all of them have. */
  readonly #onState = (): void => {
    if (this.#isChecking) return;
    this.#isChecking = true;
    queueMicrotask(() => {
      this.#isChecking = false;
      const now = this.#fingerprint();
      if (now === this.#last) return;
      this.#last = now;
      this.onChange();
    });
  };
}
