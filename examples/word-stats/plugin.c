/* The plugin's lifecycle: create, register, init, shutdown, destroy. The tool is in tool.c. */
#include "word-stats.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"

AISOPOD_DEFINE_ABI();

static const char PARAMETERS[] =
    "{\"type\":\"object\","
    " \"properties\":{"
    "   \"text\":{\"type\":\"string\",\"description\":\"The text to count\"},"
    "   \"file\":{\"type\":\"string\",\"description\":\"The name of a file to count, in the plugin's folder\"}},"
    " \"oneOf\":[{\"required\":[\"text\"]},{\"required\":[\"file\"]}],"
    " \"additionalProperties\":false}";

static int32_t register_capabilities(void *memory, const aisopod_host *host, aisopod_reply *reply) {
  return aisopod_register_tool(host, "word_stats", "Counts bytes, lines and words, and lists the longest words",
                               PARAMETERS, word_stats_call, memory, reply);
}

/* The configured folder, or the plugin's own. */
static char *folder_of(const aisopod_init *init) {
  json folder = json_member(json_of(init->config, init->config_length), "folder");
  size_t room = json_is_string(folder) ? folder.length : strlen(init->data_dir) + 1;
  char *copy = (char *)malloc(room);
  if (copy == NULL) return NULL;
  if (json_is_string(folder)) copy[json_decode(folder, copy)] = '\0';
  else memcpy(copy, init->data_dir, room);
  return copy;
}

static int32_t init_plugin(void *memory, const aisopod_init *init, aisopod_reply *reply) {
  word_stats *self = (word_stats *)memory;
  self->host = init->host;
  self->folder = folder_of(init);
  return self->folder == NULL ? aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory") : AISOPOD_OK;
}

/* Nothing to do: the plugin starts no threads, and destroy, which is always called, frees the memory. */
static int32_t shutdown_plugin(void *memory, aisopod_reply *reply) {
  (void)memory;
  (void)reply;
  return AISOPOD_OK;
}

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  word_stats *self = (word_stats *)calloc(1, sizeof *self);
  if (self == NULL) return NULL;
  self->plugin.size = (uint32_t)sizeof self->plugin;
  self->plugin.flags = AISOPOD_PLUGIN_THREAD_SAFE; /* `self` does not change after init */
  self->plugin.self = self;
  self->plugin.id = "word-stats";
  self->plugin.register_capabilities = register_capabilities;
  self->plugin.init = init_plugin;
  self->plugin.shutdown = shutdown_plugin;
  return &self->plugin;
}

AISOPOD_EXPORT void aisopod_plugin_destroy(const aisopod_plugin *plugin) {
  word_stats *self = (word_stats *)plugin->self;
  free(self->folder);
  free(self);
}
