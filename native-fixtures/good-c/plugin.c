/* The life of the plugin: create, register, init, reconfigure, shutdown, destroy. */
#include "good.h"

AISOPOD_DEFINE_ABI();

static char *copy_of(const char *text, size_t length) {
  char *copy = (char *)malloc(length + 1);
  if (copy == NULL) return NULL;
  memcpy(copy, text, length);
  copy[length] = '\0';
  return copy;
}

static int32_t register_capabilities(void *memory, const aisopod_host *host, aisopod_reply *reply) {
  good *self = (good *)memory;
  int32_t status = immediate_register(self, host, reply);
  if (status > 0) status = pending_register(self, host, reply);
  if (status > 0) status = kinds_register(self, host, reply);
  return status;
}

static int32_t take_config(good *self, const aisopod_init *init, aisopod_reply *reply) {
  json greeting = json_member(json_of(init->config, init->config_length), "greeting");
  char *config;
  char *old;
  if (greeting.length > 0 && json_text(greeting).length == 0)
    return aisopod_fail(reply, AISOPOD_E_FAILED, "greeting must not be empty");
  config = copy_of(init->config, init->config_length);
  if (config == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  mutex_lock(&self->lock);
  old = self->config;
  self->config = config;
  self->config_length = init->config_length;
  mutex_unlock(&self->lock);
  free(old);
  return AISOPOD_OK;
}

static int32_t init_plugin(void *memory, const aisopod_init *init, aisopod_reply *reply) {
  good *self = (good *)memory;
  self->host = init->host;
  self->data_dir = copy_of(init->data_dir, strlen(init->data_dir));
  if (self->data_dir == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  aisopod_log_text(init->host, AISOPOD_LOG_INFO, "good-c is ready");
  return take_config(self, init, reply);
}

static int32_t reconfigure(void *memory, const aisopod_init *init, aisopod_reply *reply) {
  return take_config((good *)memory, init, reply);
}

static int32_t shutdown_plugin(void *memory, aisopod_reply *reply) {
  (void)reply;
  jobs_stop((good *)memory);
  return AISOPOD_OK;
}

static const void *get_extension(void *memory, const char *id) {
  good *self = (good *)memory;
  return strcmp(id, AISOPOD_EXTENSION_RECONFIGURE) == 0 ? &self->reconfigure : NULL;
}

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  good *self = (good *)calloc(1, sizeof *self);
  if (self == NULL) return NULL;
  mutex_make(&self->lock);
  condition_make(&self->cancelled);

  self->meta.size = (uint32_t)sizeof self->meta;
  self->meta.name = "Good in C";
  self->meta.version = "1.0.0";
  self->meta.description = "Uses everything the header has";
  self->meta.author = "aisopod-plugin";

  self->reconfigure.size = (uint32_t)sizeof self->reconfigure;
  self->reconfigure.reconfigure = reconfigure;

  self->plugin.size = (uint32_t)sizeof self->plugin;
  self->plugin.flags = AISOPOD_PLUGIN_THREAD_SAFE;
  self->plugin.self = self;
  self->plugin.id = "good-c";
  self->plugin.meta = &self->meta;
  self->plugin.register_capabilities = register_capabilities;
  self->plugin.init = init_plugin;
  self->plugin.shutdown = shutdown_plugin;
  self->plugin.get_extension = get_extension;
  return &self->plugin;
}

AISOPOD_EXPORT void aisopod_plugin_destroy(const aisopod_plugin *plugin) {
  good *self = (good *)plugin->self;
  condition_free(&self->cancelled);
  mutex_free(&self->lock);
  free(self->config);
  free(self->data_dir);
  free(self);
}
