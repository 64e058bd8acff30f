/* {{title}}: the channel {{capability}}. It sends each message back: replace `send_message` by your service. */
#include <aisopod/plugin.h>
#include <stdlib.h>
#include <string.h>

AISOPOD_DEFINE_ABI();

static const aisopod_host *the_host; /* the same for every load of this copy of the library */
static aisopod_ticket connection;    /* the invocation of `start`; the host starts a channel once at a time */
static unsigned long messages;

/* Connects: stays pending until `cancel`. Messages that arrive are its chunks. */
static int32_t start(const aisopod_request *request) {
  if (aisopod_cancelled(request)) return AISOPOD_E_CANCELLED; /* `cancel` is not called for it */
  connection = aisopod_ticket_of(the_host, request);
  return AISOPOD_PENDING;
}

/* Ends the connection. Completing is all that this does, so it needs no lock: an id is never used again. */
static void cancel(void *data, uint64_t invocation) {
  (void)data;
  aisopod_complete(the_host, invocation, AISOPOD_OK, "null", 4);
}

/* {"text": "…"} -> {"id": "…"} */
static int32_t send_message(const aisopod_request *request, aisopod_reply *reply) {
  aisopod_json text = aisopod_json_member(aisopod_json_parse(request->input, request->input_length), "text");
  aisopod_json_writer message = aisopod_json_growing(realloc);
  aisopod_json_writer receipt = aisopod_reply_writer(reply);
  char id[21] = {0};
  char *first = aisopod_json_digits(++messages, id + sizeof id - 1);
  int32_t status = AISOPOD_E_FAILED;

  if (connection.cancel == NULL || aisopod_ticket_cancelled(&connection)) return aisopod_fail(reply, AISOPOD_E_FAILED, "not connected");
  aisopod_json_open_object(&message);
  aisopod_json_put_key(&message, "id");
  aisopod_json_put_text(&message, first);
  aisopod_json_put_key(&message, "text");
  if (text.length > 0) aisopod_json_put_json(&message, text.at, text.length);
  else aisopod_json_put_text(&message, "");
  aisopod_json_put_key(&message, "sender");
  aisopod_json_open_object(&message);
  aisopod_json_put_key(&message, "id");
  aisopod_json_put_text(&message, "echo");
  aisopod_json_close_object(&message);
  aisopod_json_close_object(&message);
  if (aisopod_json_fits(&message)) status = aisopod_emit(the_host, connection.invocation, AISOPOD_TAG_MESSAGE, message.to, message.length);
  free(message.to);
  if (status < 0) return aisopod_fail(reply, AISOPOD_E_FAILED, "the message was not passed on");

  aisopod_json_open_object(&receipt);
  aisopod_json_put_key(&receipt, "id");
  aisopod_json_put_text(&receipt, first);
  aisopod_json_close_object(&receipt);
  return aisopod_reply_written(reply, &receipt);
}

static int32_t invoke(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  if (strcmp(request->method, "start") == 0) return start(request);
  if (strcmp(request->method, "send") == 0) return send_message(request, reply);
  return aisopod_fail(reply, AISOPOD_E_UNSUPPORTED, "unknown method");
}

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  aisopod_capability channel = aisopod_capability_of(AISOPOD_KIND_CHANNEL, "{{capability}}", invoke);
  the_host = host;
  channel.description = "Sends each message back";
  channel.spec = "{\"label\": \"{{title}}\"}";
  channel.data = self;
  channel.cancel = cancel;
  return aisopod_register(host, &channel, reply);
}

static const aisopod_plugin plugin = {
    .size = sizeof plugin,
    .id = "{{id}}",
    .register_capabilities = register_capabilities,
    .init = aisopod_no_init,
    .shutdown = aisopod_no_shutdown,
};

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin; }
