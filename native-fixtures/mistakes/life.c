/* Breaks the rules of registration, init and shutdown (rules 2, 3, 7, 9, 10). */
#if !defined(_WIN32)
#include <signal.h>
#include <unistd.h>
#endif

#include "mistakes.h"

static int32_t fail_init(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)init;
  return aisopod_fail(reply, AISOPOD_E_FAILED, "there is no licence");
}

const mistake init_fails = {.init = fail_init};

static int32_t register_undeclared(void *self, const aisopod_host *with, aisopod_reply *reply) {
  (void)self;
  register_mistake(with, (uint32_t)sizeof(aisopod_capability), reply);
  aisopod_register_tool(with, "undeclared", "Is not in the manifest", NULL, answer_null, NULL, reply);
  return AISOPOD_OK;
}

const mistake undeclared_tool = {.register_capabilities = register_undeclared};

static int32_t register_nothing(void *self, const aisopod_host *with, aisopod_reply *reply) {
  (void)self;
  (void)with;
  (void)reply;
  return AISOPOD_OK;
}

const mistake nothing_registered = {.register_capabilities = register_nothing};

static int32_t register_by_chance(void *self, const aisopod_host *with, aisopod_reply *reply) {
  char description[64];
  (void)self;
  snprintf(description, sizeof description, "Loaded at %p", (const void *)with);
  return aisopod_register_tool(with, "mistake", description, NULL, answer_null, NULL, reply);
}

const mistake registered_by_chance = {.register_capabilities = register_by_chance};

static int32_t register_and_insist(void *self, const aisopod_host *with, aisopod_reply *reply) {
  (void)self;
  if (register_mistake(with, (uint32_t)sizeof(aisopod_capability), reply) < 0) abort();
  return AISOPOD_OK;
}

const mistake aborts_if_refused = {.register_capabilities = register_and_insist};

static int32_t register_reserved(void *self, const aisopod_host *with, aisopod_reply *reply) {
  aisopod_capability tool = aisopod_capability_of(AISOPOD_KIND_TOOL, "mistake", answer_null);
  (void)self;
  tool.reserved = 0xCCCCCCCCu;
  return aisopod_register(with, &tool, reply);
}

const mistake reserved_used = {.register_capabilities = register_reserved};

static const char *kept_config;
static size_t kept_length;

static int32_t keep_config(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)reply;
  kept_config = init->config;
  kept_length = init->config_length;
  return AISOPOD_OK;
}

static int32_t answer_config(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return aisopod_reply_copy(reply, kept_config, kept_length);
}

const mistake config_kept = {.init = keep_config, .invoke = answer_config};

static int32_t measure_config(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)reply;
  kept_length = strlen(init->config);
  return AISOPOD_OK;
}

const mistake config_by_strlen = {.init = measure_config};

static int32_t require_exact_size(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  if (init->size == sizeof *init) return AISOPOD_OK;
  return aisopod_fail(reply, AISOPOD_E_INVALID, "unknown version of aisopod_init");
}

const mistake exact_size_required = {.init = require_exact_size};

static const char anything[64];

static const void *has_everything(void *self, const char *id) {
  (void)self;
  (void)id;
  return anything;
}

const mistake every_extension = {.get_extension = has_everything};

static int32_t refuse_change(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)init;
  return aisopod_fail(reply, AISOPOD_E_STATE, "already configured");
}

static const void *has_reconfigure(void *self, const char *id) {
  static const aisopod_reconfigure extension = {(uint32_t)sizeof extension, 0, refuse_change};
  (void)self;
  return strcmp(id, AISOPOD_EXTENSION_RECONFIGURE) == 0 ? &extension : NULL;
}

const mistake not_reconfigured = {.get_extension = has_reconfigure};

static int32_t require_plain_folder(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  if (strchr(init->data_dir, ' ') == NULL) return AISOPOD_OK;
  return aisopod_fail(reply, AISOPOD_E_FAILED, "no such folder");
}

const mistake plain_folders_only = {.init = require_plain_folder};

/* Marks in the environment that a copy is active, and leaves the mark there. */
static int32_t mark_process(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)init;
  if (getenv("AISOPOD_MISTAKE") != NULL) return aisopod_fail(reply, AISOPOD_E_STATE, "another copy is active");
#if defined(_WIN32)
  _putenv("AISOPOD_MISTAKE=1");
#else
  setenv("AISOPOD_MISTAKE", "1", 1);
#endif
  return AISOPOD_OK;
}

const mistake loaded_once = {.init = mark_process};

#if !defined(_WIN32)
static void ignore_signal(int signal) { (void)signal; }

static int32_t handle_signals(void *self, const aisopod_init *init, aisopod_reply *reply) {
  struct sigaction action;
  (void)self;
  (void)init;
  (void)reply;
  memset(&action, 0, sizeof action);
  action.sa_handler = ignore_signal;
  sigaction(SIGUSR2, &action, NULL);
  return AISOPOD_OK;
}

const mistake signal_handler = {.init = handle_signals};

static int32_t leave_open(void *self, const aisopod_init *init, aisopod_reply *reply) {
  int both[2];
  (void)self;
  (void)init;
  return pipe(both) == 0 ? AISOPOD_OK : aisopod_fail(reply, AISOPOD_E_FAILED, "no descriptors");
}

const mistake descriptors_left = {.init = leave_open};

static int32_t change_folder(void *data, const aisopod_request *request, aisopod_reply *reply) {
  if (chdir("/") != 0) return aisopod_fail(reply, AISOPOD_E_FAILED, "no such folder");
  return answer_null(data, request, reply);
}

const mistake folder_changed = {.invoke = change_folder};
#else
const mistake signal_handler = {0};
const mistake descriptors_left = {0};
const mistake folder_changed = {0};
#endif
