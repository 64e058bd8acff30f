/**
 * An agent gateway in a hundred lines: `node gateway.mjs <folder of plugins> <folder for their data>`. It opens the plugins, describes
 * their tools to a model, and runs the calls that the model makes: through the hooks, with the user's approval, with progress.
 * The model is a fake, so that no network is needed; a real one takes the same request and gives the same answers.
 */
import { createInterface } from 'node:readline/promises';
import { PluginHost, definePlugin } from 'aisopod-plugin';
import { fakeModel } from './fake-model.mjs';

const terminal = createInterface({ input: process.stdin });
const answers = terminal[Symbol.asyncIterator]();

/** Asks the user. No answer is a no. */
async function askUser(question) {
  console.log(`? ${question} (yes or no)`);
  const { value = '' } = await answers.next();
  return value.trim() === 'yes';
}

/** Plugins that ask for approval themselves, for example only if there is something to delete. */
const ASKING = ['clean-up'];

/** The gateway's own plugin: those plugins call its tool `approve`. */
const gateway = definePlugin({
  id: 'gateway',
  register(api) {
    api.registerTool({
      name: 'approve',
      description: 'Asks the user whether something may be done',
      parameters: { type: 'object', properties: { action: { type: 'string' }, items: { type: 'array' } }, required: ['action', 'items'] },
      call: async ({ action, items }, { context }) => ({ approved: await askUser(`May agent ${context?.agentId} ${action}: ${items.join(', ')}?`) }),
    });
  },
});

const host = await PluginHost.open({
  hostVersion: '1.0.0',
  pluginDirs: [process.argv[2] ?? './plugins'],
  dataDir: process.argv[3] ?? './plugin-data',
  plugins: [gateway],
  // Nothing else: no files but the plugin's own, and no network.
  grants: ({ id }, asked) => (ASKING.includes(id) ? { call: asked.call } : {}),
  mayCall: (caller, kind, name) => ASKING.includes(caller) && kind === 'tool' && name === 'approve',
  logger: { debug() {}, info() {}, warn: (message) => console.log(`! ${message}`), error: (message) => console.log(`! ${message}`) },
});

/** The part of a request that describes the tools, but not the gateway's own. */
function modelTools() {
  const { tools, read } = host.toolDefinitions('openai');
  return { tools: tools.filter(({ function: { name } }) => name !== 'approve'), read };
}

const showChunk = (chunk) => console.log(`  … ${JSON.stringify(chunk)}`);
const showProgress = ({ progress, total = '?', message = '' }) => console.log(`  … ${progress}/${total} ${message}`.trimEnd());

/** A tool that says that it changes nothing needs no approval. */
const needsApproval = ({ annotations, pluginId }) => annotations?.readOnlyHint !== true && !ASKING.includes(pluginId);

/** Runs one call. `context` says for whom: the tool and the hooks get it. */
async function runCall({ tool, params, id }, context) {
  const call = { tool: tool.name, pluginId: tool.pluginId, params, callId: id, ...context };
  const before = await host.dispatch('BeforeToolExecute', call, { context });
  if (before.vetoed !== undefined) return { error: `${before.vetoed.pluginId} refused this call: ${before.vetoed.reason}` };
  const wanted = before.data.params; // a hook may have changed them
  if (needsApproval(tool) && !(await askUser(`May the model call ${tool.name} with ${JSON.stringify(wanted)}?`))) {
    return { error: 'the user refused this call' };
  }
  const started = Date.now();
  let outcome;
  try {
    const result = await tool.call(wanted, { context, timeoutMs: 30_000, onChunk: showChunk, onProgress: showProgress });
    outcome = { result };
  } catch (error) {
    outcome = { isError: true, error: error.message };
  }
  await host.dispatch('AfterToolExecute', { ...call, params: wanted, ...outcome, durationMs: Date.now() - started }, { context });
  return outcome.error === undefined ? outcome.result : { error: outcome.error };
}

/** What the model is told. An error is an answer too, for example of a tool that does not exist. */
async function answerTo(call, read, context) {
  try {
    return await runCall(read(call), context);
  } catch (error) {
    return { error: error.message };
  }
}

/** One turn of the conversation: until the model answers without calling a tool. */
async function converse(prompt) {
  const messages = [{ role: 'user', content: prompt }];
  const context = { agentId: 'example', sessionKey: 'terminal' };
  for (;;) {
    const { tools, read } = modelTools();
    const reply = await fakeModel({ model: 'fake', messages, tools });
    messages.push(reply);
    if (reply.tool_calls === undefined) return reply.content;
    for (const call of reply.tool_calls) {
      console.log(`> ${call.function.name} ${call.function.arguments}`);
      const answer = await answerTo(call, read, context);
      console.log(`< ${JSON.stringify(answer)}`);
      messages.push({ role: 'tool', tool_call_id: call.id, content: JSON.stringify(answer) });
    }
  }
}

console.log(await converse('Count the words of my notes, and clean up.'));
terminal.close();
await host.close();
