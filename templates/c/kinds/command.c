/* {{title}}: the command {{capability}}. */
#include <aisopod/plugin.h>
#include <stdlib.h>

AISOPOD_DEFINE_ABI();

static const aisopod_host *the_host; /* the same for every load of this copy of the library */

/* Prints one line. Returns 0 if nobody waits for the command any more. */
static int greet(const aisopod_request *request, aisopod_json word) {
  size_t length = 0;
  char *line = malloc(word.length + 9);
  int32_t status;
  if (line == NULL || !aisopod_json_decode(word, line + 7, word.length, &length)) {
    free(line);
    return 0;
  }
  for (size_t i = 0; i < 7; i++) line[i] = "Hello, "[i];
  line[length + 7] = '!';
  line[length + 8] = '\n';
  do { /* the host has no room while its user reads slowly */
    status = aisopod_emit_as(the_host, request->invocation, AISOPOD_FORMAT_BYTES, AISOPOD_TAG_STDOUT, line, length + 9);
  } while (status == AISOPOD_E_FULL && !aisopod_cancelled(request));
  free(line);
  return status > 0;
}

/* {"argv": ["Ada"], "cwd": "…"} -> {"exitCode": 0} */
static int32_t run(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_json input = aisopod_json_parse(request->input, request->input_length);
  aisopod_json_items words = aisopod_json_items_of(aisopod_json_member(input, "argv"));
  int count = 0;
  (void)data;
  while (aisopod_json_next(&words)) {
    if (!greet(request, words.value)) return aisopod_fail(reply, AISOPOD_E_CANCELLED, "stopped");
    count++;
  }
  if (count > 0) return aisopod_reply_json(reply, "{\"exitCode\":0}");
  aisopod_print(the_host, request->invocation, AISOPOD_TAG_STDERR, "usage: {{capability}} NAME...\n");
  return aisopod_reply_json(reply, "{\"exitCode\":2}");
}

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  the_host = host;
  return aisopod_register_command(host, "{{capability}}", "Greets people", "{\"usage\":\"{{capability}} NAME...\"}", run, self, reply);
}

static const aisopod_plugin plugin = {
    .size = sizeof plugin,
    .id = "{{id}}",
    .register_capabilities = register_capabilities,
    .init = aisopod_no_init,
    .shutdown = aisopod_no_shutdown,
};

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin; }
