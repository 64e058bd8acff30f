/* Shared by fixtures with tools: a table to register, the input, an answer with one number. */
#ifndef FIXTURE_TOOLS_H
#define FIXTURE_TOOLS_H

#include <aisopod/plugin.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json.h"

typedef struct tool {
  const char *name;
  uint32_t flags;
  int32_t (*invoke)(void *data, const aisopod_request *request, aisopod_reply *reply);
  void (*cancel)(void *data, uint64_t invocation);
} tool;

/* Stops at the first refusal. */
static inline int32_t register_tools(const aisopod_host *host, const tool *tools, size_t count, void *data,
                                     aisopod_reply *reply) {
  int32_t status = AISOPOD_OK;
  size_t i;
  for (i = 0; status > 0 && i < count; i++) {
    aisopod_capability capability = aisopod_capability_of(AISOPOD_KIND_TOOL, tools[i].name, tools[i].invoke);
    capability.description = "A test tool";
    capability.spec = "{\"type\":\"object\"}";
    capability.flags = tools[i].flags;
    capability.cancel = tools[i].cancel;
    capability.data = data;
    status = aisopod_register(host, &capability, reply);
  }
  return status;
}

static inline json input_of(const aisopod_request *request) { return json_of(request->input, request->input_length); }

/* {"name": number} */
static inline int32_t answer_number(aisopod_reply *reply, const char *name, int64_t number) {
  char text[128];
  snprintf(text, sizeof text, "{\"%s\":%" PRId64 "}", name, number);
  return aisopod_reply_json(reply, text);
}

/* A call of a tool with {}, on behalf of an invocation. */
static inline aisopod_call call_of(const aisopod_request *request, const char *name,
                                   void (*on_reply)(void *user, const aisopod_completion *answer)) {
  aisopod_call call;
  memset(&call, 0, sizeof call);
  call.size = (uint32_t)sizeof call;
  call.kind = AISOPOD_KIND_TOOL;
  call.name = name;
  call.method = "call";
  call.format = AISOPOD_FORMAT_JSON;
  call.input = "{}";
  call.input_length = 2;
  call.parent = request->invocation;
  call.on_reply = on_reply;
  return call;
}

/* For `on_reply`. */
static inline void ignore(void *user, const aisopod_completion *answer) {
  (void)user;
  (void)answer;
}

#endif
