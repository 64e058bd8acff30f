/* Reports whether its calls of deflate, crc32, uv_version and SSL_new reach its own functions or the host's. */
#include "names.h"
#include "stub.h"
#include "tools.h"

AISOPOD_DEFINE_ABI();

static const char *whose(int own) { return own ? "own" : "host"; }

static int32_t own_names(void *data, const aisopod_request *request, aisopod_reply *reply) {
  char text[256];
  (void)data;
  (void)request;
  snprintf(text, sizeof text, "{\"deflate\":\"%s\",\"crc32\":\"%s\",\"uv_version\":\"%s\",\"SSL_new\":\"%s\"}",
           whose(deflate(NULL, 0) == OWN_NUMBER), whose(crc32(0, NULL, 0) == OWN_NUMBER),
           whose(uv_version() == OWN_NUMBER), whose(SSL_new(NULL) != NULL));
  return aisopod_reply_json(reply, text);
}

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  static const tool TOOL = {"own_names", 0, own_names, NULL};
  (void)self;
  return register_tools(host, &TOOL, 1, NULL, reply);
}

STUB_CREATE(register_capabilities, stub_init, stub_shutdown);
