/* Runs one attack by its name, and says how it ended. */
#include "attacks.h"
#include "stub.h"
#include "tools.h"

#include <stdio.h>

AISOPOD_DEFINE_ABI();

typedef struct kind {
  const char *name;
  const attack *attacks;
} kind;

static const kind KINDS[] = {
    {"files", FILE_ATTACKS},         {"metadata", METADATA_ATTACKS}, {"network", NETWORK_ATTACKS}, {"processes", PROCESS_ATTACKS},
    {"execution", EXECUTION_ATTACKS}, {"shared objects", SHARED_ATTACKS}, {"kernel", KERNEL_ATTACKS}, {"threads", THREAD_ATTACKS}, {"allowed", ALLOWED},
};
enum { RUNNABLE_KINDS = sizeof KINDS / sizeof KINDS[0], KIND_COUNT = RUNNABLE_KINDS - 1, LIST_BYTES = 16384 };

/* {"files": ["read", …], …} */
static int32_t list(void *data, const aisopod_request *request, aisopod_reply *reply) {
  static char text[LIST_BYTES];
  size_t used = 0;
  int k;
  (void)data;
  (void)request;
  for (k = 0; k < KIND_COUNT; k++) {
    const attack *a;
    used += (size_t)snprintf(text + used, sizeof text - used, "%s\"%s\": [", k == 0 ? "{" : "], ", KINDS[k].name);
    for (a = KINDS[k].attacks; a->name != NULL; a++) used += (size_t)snprintf(text + used, sizeof text - used, "%s\"%s\"", a == KINDS[k].attacks ? "" : ", ", a->name);
  }
  used += (size_t)snprintf(text + used, sizeof text - used, "]}");
  return aisopod_reply_copy(reply, text, used);
}

static target target_of(json input) {
  target t;
  json_copy(json_text(json_member(input, "secret")), t.secret, sizeof t.secret);
  json_copy(json_text(json_member(input, "folder")), t.folder, sizeof t.folder);
  json_copy(json_text(json_member(input, "data")), t.data, sizeof t.data);
  json_copy(json_text(json_member(input, "own")), t.own, sizeof t.own);
  json_copy(json_text(json_member(input, "socket")), t.socket, sizeof t.socket);
  t.pid = (int)json_number(input, "pid", 0);
  t.port = (int)json_number(input, "port", 0);
  return t;
}

/* {"attack": name, …}: {"result": 0} if it reached what it wanted, else the negative errno. */
static int32_t run(void *data, const aisopod_request *request, aisopod_reply *reply) {
  json input = input_of(request);
  json name = json_text(json_member(input, "attack"));
  target t = target_of(input);
  int k;
  (void)data;
  for (k = 0; k < RUNNABLE_KINDS; k++) {
    const attack *a;
    for (a = KINDS[k].attacks; a->name != NULL; a++)
      if (json_equals(name, a->name)) return answer_number(reply, "result", a->run(&t));
  }
  return aisopod_fail(reply, AISOPOD_E_FAILED, "no such attack");
}

static const tool TOOLS[] = {{"attacks", 0, list, NULL}, {"attack", 0, run, NULL}};

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  (void)self;
  return register_tools(host, TOOLS, sizeof TOOLS / sizeof TOOLS[0], NULL, reply);
}

STUB_CREATE(register_capabilities, stub_init, stub_shutdown);
