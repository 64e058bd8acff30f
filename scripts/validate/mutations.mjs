/**
 * Ways to break a good plugin. Each changes one thing in a copy of the sources or of the built folder:
 *   source   [file, from, to]: `from` must be in the file
 *   manifest [from, to]
 *   flags    more arguments for the compiler and the linker
 *   folder   changes the built plugin folder
 */
import { mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ofC = (name, file, from, to) => ({ plugin: 'good-c', name, source: [file, from, to] });
const ofManifest = (name, from, to) => ({ plugin: 'good-c', name, manifest: [from, to] });
const ofFlags = (name, ...flags) => ({ plugin: 'good-c', name, flags });
const ofFolder = (name, folder) => ({ plugin: 'good-c', name, folder });

const COMPLETE = 'aisopod_complete(ticket->host, ticket->invocation, status, text, strlen(text));';
const ECHO = 'return answer_copy((good *)data, reply, request->input, request->input_length);';
const THREAD_ID = 'snprintf(text, sizeof text, "{\\"thread\\":\\"%" PRIu64 "\\"}", thread_self());';
const INLINE_ECHO = '{"echo_inline", AISOPOD_CAPABILITY_INLINE, echo, NULL},';

const OF_MEMORY = [
  ofC('reads the input up to a NUL', 'immediate.c', ECHO, 'return answer_copy((good *)data, reply, request->input, strlen((const char *)request->input));'),
  ofC('reads the configuration up to a NUL', 'plugin.c', 'copy_of(init->config, init->config_length)', 'copy_of(init->config, strlen((const char *)init->config))'),
  ofC('writes more than the lent buffer holds', 'immediate.c', 'if (aisopod_reply_copy(reply, data, length) > 0) return AISOPOD_OK;', 'if (length > 0) { memset(reply->buffer, \' \', 4097); memcpy(reply->buffer, data, length); reply->length = length; return AISOPOD_OK; }'),
  ofC('uses the request of the call before', 'immediate.c', ECHO, `static const aisopod_request *volatile last; const aisopod_request *before = last; last = request; if (before != NULL && before->invocation == 77) return AISOPOD_E_FAILED; ${ECHO}`),
  ofC('writes to the reply of the call before', 'immediate.c', ECHO, `static aisopod_reply *volatile last; aisopod_reply *before = last; last = reply; if (before != NULL) before->length = 0; ${ECHO}`),
  ofC('uses the argument of init in shutdown', 'plugin.c', 'self->host = init->host;', 'self->host = init->host; self->meta.author = (const char *)init;'),
  ofC('says that its struct is larger than it is', 'plugin.c', 'self->plugin.size = (uint32_t)sizeof self->plugin;', 'self->plugin.size = (uint32_t)sizeof self->plugin + 24;'),
  ofC('replies with memory that nobody releases', 'immediate.c', 'aisopod_reply_owned(reply, memory, length, release, self)', 'aisopod_reply_owned(reply, memory, length, NULL, self)'),
];
// The use of what init was given.
OF_MEMORY[5].more = [['plugin.c', 'jobs_stop((good *)memory);', 'jobs_stop((good *)memory); if (((const aisopod_init *)(const void *)((good *)memory)->meta.author)->size == 0) return AISOPOD_E_FAILED;']];

const START_THREAD = 'self->host = init->host; { static thread worker; if (!thread_start(&worker, for_ever, self)) return AISOPOD_E_FAILED; }';

const OF_INVOCATIONS = [
  ofC('completes twice', 'pending.c', COMPLETE, `${COMPLETE} ${COMPLETE}`),
  ofC('never completes', 'pending.c', COMPLETE, '(void)ticket; (void)status;'),
  ofC('emits after it has completed', 'pending.c', COMPLETE, `${COMPLETE} aisopod_emit(ticket->host, ticket->invocation, AISOPOD_TAG_NONE, "1", 1);`),
  ofC('completes and returns a status', 'immediate.c', THREAD_ID, `${THREAD_ID} aisopod_complete(((good *)data)->host, request->invocation, AISOPOD_OK, "1", 1);`),
  ofC('does not look whether it is cancelled', 'immediate.c', 'if (aisopod_cancelled(request)) return aisopod_fail(reply, AISOPOD_E_CANCELLED, "woken early");', 'end = now_ms() + 1000;'),
  ofC('forgets to return a status', 'immediate.c', THREAD_ID, `${THREAD_ID} if (text[0] != 0) { aisopod_reply_json(reply, text); return 0; }`),
  ofC('replies with half of a JSON text', 'immediate.c', 'return aisopod_reply_json(reply, "{\\"file\\":\\"written.txt\\"}");', 'return aisopod_reply_json(reply, "{\\"file\\":");'),
  ofC('replies with text that is not UTF-8', 'immediate.c', 'return aisopod_reply_json(reply, "{\\"file\\":\\"written.txt\\"}");', 'return aisopod_reply_json(reply, "\\"\\xff\\"");'),
  ofC('accepts every method', 'kinds.c', 'return chat((good *)data, request, reply);\n  return unknown_method(reply);', 'return chat((good *)data, request, reply);\n  return aisopod_reply_json(reply, "[]");'),
  ofC('answers a hook with an unknown action', 'kinds.c', '"{\\"action\\":\\"continue\\"}"', '"{\\"action\\":\\"go on\\"}"'),
];

const OF_LIFE = [
  ofC('leaves a thread running at shutdown', 'plugin.c', 'static int32_t init_plugin(', 'static void for_ever(void *memory) { (void)memory; for (;;) sleep_ms(50); }\nstatic int32_t init_plugin('),
  ofC('blocks in an INLINE capability', 'immediate.c', THREAD_ID, `${THREAD_ID} sleep_ms(3000);`),
  ofC('fails to shut down', 'plugin.c', 'jobs_stop((good *)memory);', 'jobs_stop((good *)memory); if (memory != NULL) return AISOPOD_E_FAILED;'),
  ofC('registers a tool that the manifest does not declare', 'immediate.c', INLINE_ECHO, `${INLINE_ECHO} {"echo_again", 0, echo, NULL},`),
  ofC('has another id than its manifest', 'plugin.c', 'self->plugin.id = "good-c";', 'self->plugin.id = "good-d";'),
  ofC('crashes in init', 'plugin.c', 'self->host = init->host;', 'self->host = init->host; *(volatile int *)8 = 1;'),
  ofC('frees its memory twice', 'plugin.c', 'free(self->data_dir);', 'free(self->data_dir); free(self->data_dir);'),
];

// Input is generated from schemas: without one, nothing would make the tool sleep.
OF_INVOCATIONS[4].more = [
  ['immediate.c', '{"sleep", 0, sleep_tool, NULL},', ''],
  ['immediate.c', 'return register_tools(host, TOOLS,', `const char *schema = "{\\"type\\":\\"object\\",\\"properties\\":{\\"ms\\":{\\"type\\":\\"integer\\",\\"minimum\\":1}},\\"required\\":[\\"ms\\"]}";
  if (aisopod_register_tool(host, "sleep", "Sleeps", schema, sleep_tool, self, reply) < 0) return AISOPOD_E_FAILED;
  return register_tools(host, TOOLS,`],
];

OF_LIFE[0].more = [['plugin.c', 'self->host = init->host;', START_THREAD]];

const OF_FILES = [
  ofC('ends the process', 'immediate.c', 'return aisopod_fail(reply, AISOPOD_E_FAILED, "asked to fail");', 'exit(3);'),
  ofManifest('has a version that is none', 'version = "1.0.0"', 'version = "1.0"'),
  ofFolder('has lost the schema of its configuration', (folder) => rmSync(join(folder, 'config.schema.json'))),
  ofFlags('exports everything', '-fvisibility=default'),
  ofFlags('asks for an executable stack', '-Wl,-z,execstack'),
  ofFlags('searches for libraries where it was built', '-Wl,-rpath,/home/me/build'),
  ofFolder('is half uploaded', (folder) => truncateSync(join(folder, 'libgood-c.so'), 20_000)),
  ofC('uses a function of a library that it does not link', 'plugin.c', 'aisopod_log_text(init->host, AISOPOD_LOG_INFO, "good-c is ready");', 'extern int deflate_all(int); aisopod_log_text(init->host, AISOPOD_LOG_INFO, deflate_all(1) ? "good-c is ready" : "good-c");'),
  ofFolder('has its library in a folder that no host looks into', (folder) => {
    mkdirSync(join(folder, 'linux-amd64'));
    renameSync(join(folder, 'libgood-c.so'), join(folder, 'linux-amd64/libgood-c.so'));
  }),
  ofFolder('has a damaged note', (folder) => changeBytes(join(folder, 'libgood-c.so'), (bytes) => bytes.writeUInt32LE(7, bytes.indexOf('AISO')))),
  ofFolder('has a file that no Windows can have', (folder) => writeFileSync(join(folder, 'aux.json'), '{}')),
];

function changeBytes(file, change) {
  const bytes = readFileSync(file);
  change(bytes);
  writeFileSync(file, bytes);
}

export const MUTATIONS = [
  ...OF_MEMORY,
  ...OF_INVOCATIONS,
  ...OF_LIFE,
  ...OF_FILES,
  { plugin: 'good-cpp', name: 'lets an exception out', source: ['plugin.cpp', '} catch (const std::exception &error) {\n    return aisopod_fail(reply, AISOPOD_E_FAILED, error.what());\n  } catch (...) {', '} catch (int) {'] },
  { plugin: 'good-cpp', name: 'frees an answer in the wrong way', source: ['plugin.cpp', 'void release(void *, const void *owned) { delete[] static_cast<const char *>(owned); }', 'void release(void *, const void *owned) { delete[] (static_cast<const char *>(owned) + 8); }'] },
];
