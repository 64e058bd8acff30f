/** Uses aisopod-plugin/mcp by import and by require, and says which modules of the MCP SDK are loaded before that. */
import { createRequire } from 'node:module';
import { LoadError, PluginHost } from 'aisopod-plugin';
import * as imported from 'aisopod-plugin/mcp';

const require = createRequire(import.meta.url);
const required = require('aisopod-plugin/mcp');
const sdkModules = () => Object.keys(require.cache).filter((file) => /@modelcontextprotocol/.test(file));

const loadedEarly = sdkModules();
const host = await PluginHost.open({ hostVersion: '1.0.0', pluginDirs: [], dataDir: 'data', stateDir: 'state' });
const outcomeOf = async ({ createMcpServer }) => {
  try {
    const server = await createMcpServer(host);
    await server.close();
    return 'a server';
  } catch (error) {
    return { isLoadError: error instanceof LoadError, code: error.code, message: error.message, hint: error.hint };
  }
};
const outcomes = [await outcomeOf(imported), await outcomeOf(required)];
await host.close();
console.log(
  JSON.stringify({
    names: Object.keys(imported).sort(),
    isSame: Object.keys(imported).every((name) => imported[name] === required[name]),
    loadedEarly,
    outcomes,
  }),
);
