/* Tools that try to reach something outside the plugin and say how that went. */
#include "tools.h"
#include <aisopod/json.h>
#include <aisopod/plugin.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

AISOPOD_DEFINE_ABI();

#define MAX_TEXT 2048

static const aisopod_host *host;
static char data_dir[MAX_TEXT];

static void parameter(const aisopod_request *request, const char *key, char *to) {
  aisopod_json whole = aisopod_json_parse(request->input, request->input_length);
  if (!aisopod_json_text(aisopod_json_member(whole, key), to, MAX_TEXT)) to[0] = '\0';
}

/* {"value": text or null} */
static int32_t answer_text(aisopod_reply *reply, const char *text) {
  aisopod_json_writer writer = aisopod_reply_writer(reply);
  aisopod_json_open_object(&writer);
  aisopod_json_put_key(&writer, "value");
  if (text == NULL) aisopod_json_put_null(&writer);
  else aisopod_json_put_text(&writer, text);
  aisopod_json_close_object(&writer);
  return aisopod_reply_written(reply, &writer);
}

/* {"name"} */
static int32_t reach_env(void *data, const aisopod_request *request, aisopod_reply *reply) {
  char name[MAX_TEXT];
  (void)data;
  parameter(request, "name", name);
  return answer_text(reply, getenv(name));
}

/* {"path"} -> {"error": number of the system's error, 0 if it was read} */
static int32_t reach_read(void *data, const aisopod_request *request, aisopod_reply *reply) {
  char path[MAX_TEXT];
  char byte;
  FILE *file;
  int error = 0;
  (void)data;
  parameter(request, "path", path);
  file = fopen(path, "rb");
  if (file == NULL) return answer_number(reply, "error", errno);
  if (fread(&byte, 1, 1, file) != 1 && ferror(file)) error = errno;
  fclose(file);
  return answer_number(reply, "error", error);
}

/* {"path"} -> the same */
static int32_t reach_write(void *data, const aisopod_request *request, aisopod_reply *reply) {
  char path[MAX_TEXT];
  FILE *file;
  (void)data;
  parameter(request, "path", path);
  file = fopen(path, "wb");
  if (file == NULL) return answer_number(reply, "error", errno);
  return answer_number(reply, "error", fputs("reached", file) < 0 || fclose(file) != 0 ? errno : 0);
}

static void pass_on(void *user, const aisopod_completion *completion) {
  uint64_t *invocation = (uint64_t *)user;
  aisopod_complete(host, *invocation, completion->status, completion->data, completion->length);
  free(invocation);
}

/* {"tool"} -> what it answers */
static int32_t reach_call(void *data, const aisopod_request *request, aisopod_reply *reply) {
  char name[MAX_TEXT];
  uint64_t *invocation = (uint64_t *)malloc(sizeof *invocation);
  aisopod_call call;
  int32_t status;
  (void)data;
  if (invocation == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  *invocation = request->invocation;
  parameter(request, "tool", name);
  call = call_of(request, name, pass_on);
  call.user = invocation;
  status = host->call(host->context, &call);
  if (status == AISOPOD_PENDING) return AISOPOD_PENDING;
  free(invocation);
  return aisopod_fail(reply, status, "the host refused the call");
}

static int32_t reach_data(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return answer_text(reply, data_dir);
}

static const tool tools[] = {
    {"reach_env", 0, reach_env, NULL},   {"reach_read", 0, reach_read, NULL}, {"reach_write", 0, reach_write, NULL},
    {"reach_call", 0, reach_call, NULL}, {"reach_data", 0, reach_data, NULL},
};

static int32_t register_capabilities(void *self, const aisopod_host *its_host, aisopod_reply *reply) {
  return register_tools(its_host, tools, sizeof tools / sizeof *tools, self, reply);
}

static int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  host = init->host;
  if (strlen(init->data_dir) >= sizeof data_dir) return aisopod_fail(reply, AISOPOD_E_FAILED, "the path of the data folder is too long");
  strcpy(data_dir, init->data_dir);
  return AISOPOD_OK;
}

static const aisopod_plugin plugin = {
    (uint32_t)sizeof(aisopod_plugin), 0, NULL, FIXTURE_ID, NULL, register_capabilities, init_plugin, aisopod_no_shutdown, NULL};

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin; }
