/* {{title}}: the provider {{capability}}. Its model repeats the last message: replace `chat` by your service. */
#include <aisopod/plugin.h>
#include <stdlib.h>
#include <string.h>

AISOPOD_DEFINE_ABI();

static const aisopod_host *the_host; /* the same for every load of this copy of the library */

/* The content of the last message, if that is text. */
static aisopod_json last_content(const aisopod_request *request) {
  aisopod_json input = aisopod_json_parse(request->input, request->input_length);
  aisopod_json_items messages = aisopod_json_items_of(aisopod_json_member(input, "messages"));
  aisopod_json content = aisopod_json_none();
  while (aisopod_json_next(&messages)) content = aisopod_json_member(messages.value, "content");
  return aisopod_json_type_of(content) == AISOPOD_JSON_STRING ? content : aisopod_json_none();
}

/* Sends one piece of the answer. */
static int32_t send_piece(const aisopod_ticket *ticket, const char *text, size_t length) {
  aisopod_json_writer delta = aisopod_json_growing(realloc);
  int32_t status = AISOPOD_E_FAILED;
  aisopod_json_open_object(&delta);
  aisopod_json_put_key(&delta, "content");
  aisopod_json_put_text_of(&delta, text, length);
  aisopod_json_close_object(&delta);
  if (aisopod_json_fits(&delta)) do { /* the host has no room while its user reads slowly */
      status = aisopod_emit(ticket->host, ticket->invocation, AISOPOD_TAG_DELTA, delta.to, delta.length);
    } while (status == AISOPOD_E_FULL && !aisopod_ticket_cancelled(ticket));
  free(delta.to);
  return status;
}

/* Sends the text in pieces, each up to a space. */
static int32_t send_pieces(const aisopod_ticket *ticket, const char *text, size_t length) {
  size_t start = 0;
  for (size_t i = 0; i < length; i++) {
    if (text[i] != ' ' && i + 1 < length) continue;
    int32_t status = send_piece(ticket, text + start, i + 1 - start);
    if (status < 0) return status;
    start = i + 1;
  }
  return AISOPOD_OK;
}

static int32_t answer_message(aisopod_reply *reply, aisopod_json content) {
  aisopod_json_writer message = aisopod_json_growing(realloc);
  int32_t status;
  aisopod_json_open_object(&message);
  aisopod_json_put_key(&message, "role");
  aisopod_json_put_text(&message, "assistant");
  aisopod_json_put_key(&message, "content");
  aisopod_json_put_json(&message, content.at, content.length);
  aisopod_json_put_key(&message, "finishReason");
  aisopod_json_put_text(&message, "stop");
  aisopod_json_close_object(&message);
  if (aisopod_json_fits(&message)) status = aisopod_reply_any(reply, message.to, message.length, malloc, free);
  else status = aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  free(message.to);
  return status;
}

/* {"model": "echo-1", "messages": […]} -> {"role": "assistant", "content": "…"} */
static int32_t chat(const aisopod_request *request, aisopod_reply *reply) {
  aisopod_ticket ticket = aisopod_ticket_of(the_host, request);
  aisopod_json content = last_content(request);
  size_t length = 0;
  char *text;
  int32_t status;
  if (content.length == 0) return aisopod_fail(reply, AISOPOD_E_INVALID, "the last message must have text as its content");
  text = malloc(content.length);
  if (text == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  aisopod_json_decode(content, text, content.length, &length);
  status = send_pieces(&ticket, text, length);
  free(text);
  return status < 0 ? aisopod_fail(reply, status, "stopped") : answer_message(reply, content);
}

static int32_t invoke(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  if (strcmp(request->method, "models") == 0) return aisopod_reply_json(reply, "[{\"id\":\"echo-1\",\"name\":\"Echo\"}]");
  if (strcmp(request->method, "health") == 0) return aisopod_reply_json(reply, "{\"status\":\"ok\"}");
  if (strcmp(request->method, "chat") == 0) return chat(request, reply);
  return aisopod_fail(reply, AISOPOD_E_UNSUPPORTED, "unknown method");
}

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  the_host = host;
  return aisopod_register_provider(host, "{{capability}}", "Repeats the last message", invoke, self, reply);
}

static const aisopod_plugin plugin = {
    .size = sizeof plugin,
    .id = "{{id}}",
    .register_capabilities = register_capabilities,
    .init = aisopod_no_init,
    .shutdown = aisopod_no_shutdown,
};

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin; }
