/* The plugin's lifecycle: create, register, init, shutdown, destroy. The tool is in tool.c. */
#include "word-stats.h"

#include <stdlib.h>
#include <string.h>

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

/* The configured folder, or the plugin's own. NULL if there is no memory for it, or if it contains a NUL. */
static char *folder_of(const aisopod_init *init) {
  aisopod_json folder = aisopod_json_member(aisopod_json_parse(init->config, init->config_length), "folder");
  int is_configured = folder.length > 0; /* then it is a string, as the schema says */
  size_t room = is_configured ? aisopod_json_text_size(folder) : strlen(init->data_dir) + 1;
  char *copy = (char *)malloc(room);
  if (copy == NULL) return NULL;
  if (!is_configured) return (char *)memcpy(copy, init->data_dir, room);
  if (aisopod_json_text(folder, copy, room)) return copy;
  free(copy);
  return NULL;
}

static int32_t init_plugin(void *memory, const aisopod_init *init, aisopod_reply *reply) {
  word_stats *self = (word_stats *)memory;
  self->host = init->host;
  self->folder = folder_of(init);
  return self->folder == NULL ? aisopod_fail(reply, AISOPOD_E_FAILED, "the folder cannot be used: out of memory, or its name contains a NUL") : AISOPOD_OK;
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
