// A tool that deletes files, but asks its host first: the host offers a tool `approve` and allows this plugin to call it.
#include <aisopod/plugin.h>

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "files.h"
#include "worker.h"

AISOPOD_DEFINE_ABI();

namespace {

constexpr std::int64_t DEFAULT_DAYS = 30;

constexpr const char *PARAMETERS = R"({
  "type": "object",
  "properties": {
    "older_than_days": {"type": "integer", "minimum": 0, "description": "Deletes files that are older. Default: 30"}
  },
  "additionalProperties": false
})";

struct CleanUp {
  aisopod_plugin plugin{};
  const aisopod_host *host = nullptr;
  std::filesystem::path folder;
  Worker worker;
};

// An invocation that waits for the host's approval.
struct Question {
  CleanUp *self;
  aisopod_ticket ticket;
  std::vector<std::string> names;
};

// No exception may leave the plugin (rule 20).
template <typename Body> std::int32_t catch_all(aisopod_reply *reply, Body body) {
  try {
    return body();
  } catch (const std::exception &error) {
    return aisopod_fail(reply, AISOPOD_E_FAILED, error.what());
  } catch (...) {
    return aisopod_fail(reply, AISOPOD_E_FAILED, "an exception of an unknown type");
  }
}

struct Free {
  void operator()(char *memory) const { std::free(memory); }
};

// The JSON text that `body` writes.
template <typename Body> std::string json_text(Body body) {
  auto writer = aisopod_json_growing(std::realloc);
  body(&writer);
  const std::unique_ptr<char, Free> memory(writer.to);
  if (!aisopod_json_fits(&writer)) throw std::bad_alloc();
  return std::string(memory.get(), writer.length);
}

void put_names(aisopod_json_writer *writer, const char *key, const std::vector<std::string> &names) {
  aisopod_json_put_key(writer, key);
  aisopod_json_open_array(writer);
  for (const auto &name : names) aisopod_json_put_text(writer, name.c_str());
  aisopod_json_close_array(writer);
}

std::string result_of(bool is_approved, const std::vector<std::string> &deleted) {
  return json_text([&](aisopod_json_writer *writer) {
    aisopod_json_open_object(writer);
    aisopod_json_put_key(writer, "approved");
    aisopod_json_put_bool(writer, is_approved);
    put_names(writer, "deleted", deleted);
    aisopod_json_close_object(writer);
  });
}

void complete(const aisopod_ticket &ticket, std::int32_t status, const std::string &text) {
  aisopod_complete(ticket.host, ticket.invocation, status, text.data(), text.size());
}

// Runs on the worker. Completes the invocation even if it was cancelled (rule 16).
void delete_and_complete(const Question &question) noexcept {
  try {
    if (aisopod_ticket_cancelled(&question.ticket)) complete(question.ticket, AISOPOD_E_CANCELLED, "cancelled; nothing was deleted");
    else complete(question.ticket, AISOPOD_OK, result_of(true, delete_files(question.self->folder, question.names)));
  } catch (const std::exception &error) {
    complete(question.ticket, AISOPOD_E_FAILED, error.what());
  }
}

// The host's answer: {"approved": true}, or a failure. Must not block, so the worker deletes the files (rule 11).
void on_answer(void *user, const aisopod_completion *answer) {
  const std::shared_ptr<Question> question(static_cast<Question *>(user));
  try {
    int is_approved = 0;
    if (answer->status < 0) {
      const std::string reason(static_cast<const char *>(answer->data), answer->length);
      complete(question->ticket, AISOPOD_E_DENIED, "nothing was deleted, because the approval failed: " + reason);
      return;
    }
    const auto document = aisopod_json_parse(answer->data, answer->length);
    aisopod_json_bool(aisopod_json_member(document, "approved"), &is_approved);
    if (is_approved == 0) complete(question->ticket, AISOPOD_OK, result_of(false, {}));
    else question->self->worker.post([question] { delete_and_complete(*question); });
  } catch (const std::exception &error) {
    complete(question->ticket, AISOPOD_E_FAILED, error.what());
  }
}

// Asks the host on behalf of the invocation, so that the host's tool gets the same context: it knows which session to ask.
std::int32_t ask(CleanUp *self, const aisopod_request *request, std::vector<std::string> names, aisopod_reply *reply) {
  const auto input = json_text([&](aisopod_json_writer *writer) {
    aisopod_json_open_object(writer);
    aisopod_json_put_key(writer, "action");
    aisopod_json_put_text(writer, "delete files");
    put_names(writer, "items", names);
    aisopod_json_close_object(writer);
  });
  auto question = std::make_unique<Question>(Question{self, aisopod_ticket_of(self->host, request), std::move(names)});
  aisopod_call call{};
  call.size = sizeof call;
  call.kind = AISOPOD_KIND_TOOL;
  call.name = "approve";
  call.method = "call";
  call.format = AISOPOD_FORMAT_JSON;
  call.input = input.data();
  call.input_length = input.size();
  call.parent = request->invocation;
  call.on_reply = on_answer;
  call.user = question.get();
  const std::int32_t status = self->host->call(self->host->context, &call);
  if (status != AISOPOD_PENDING) return aisopod_fail(reply, status, "the host could not be asked for approval");
  (void)question.release(); // on_answer owns it now
  return AISOPOD_PENDING;
}

std::int32_t clean_up(void *data, const aisopod_request *request, aisopod_reply *reply) {
  return catch_all(reply, [&] {
    auto *self = static_cast<CleanUp *>(data);
    std::int64_t days = DEFAULT_DAYS;
    const auto given = aisopod_json_member(aisopod_json_parse(request->input, request->input_length), "older_than_days");
    if (given.length > 0 && !aisopod_json_int(given, &days))
      return aisopod_fail(reply, AISOPOD_E_INVALID, "older_than_days must be an integer");
    auto names = old_files(self->folder, days);
    if (names.empty()) return aisopod_reply_json(reply, R"({"approved":false,"deleted":[]})");
    return ask(self, request, std::move(names), reply);
  });
}

std::int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  return aisopod_register_tool(host, "clean_up", "Deletes old files in the plugin's folder, after approval", PARAMETERS, clean_up,
                               self, reply);
}

std::int32_t init_plugin(void *data, const aisopod_init *init, aisopod_reply *reply) {
  return catch_all(reply, [&] {
    auto *self = static_cast<CleanUp *>(data);
    self->host = init->host;
    self->folder = std::filesystem::u8path(init->data_dir);
    self->worker.start();
    return AISOPOD_OK;
  });
}

std::int32_t shutdown_plugin(void *self, aisopod_reply *reply) {
  return catch_all(reply, [&] {
    static_cast<CleanUp *>(self)->worker.stop();
    return AISOPOD_OK;
  });
}

}

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  auto *self = new (std::nothrow) CleanUp;
  if (self == nullptr) return nullptr;
  self->plugin.size = sizeof self->plugin;
  self->plugin.self = self;
  self->plugin.id = "clean-up";
  self->plugin.register_capabilities = register_capabilities;
  self->plugin.init = init_plugin;
  self->plugin.shutdown = shutdown_plugin;
  return &self->plugin;
}

AISOPOD_EXPORT void aisopod_plugin_destroy(const aisopod_plugin *plugin) { delete static_cast<CleanUp *>(plugin->self); }
