// A hook that vetoes tool calls, and a command that explains its rules.
#include <aisopod/plugin.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "rules.h"

AISOPOD_DEFINE_ABI();

namespace {

// One instance. Several threads may use it at once, so mutable state is atomic.
struct Guard {
  aisopod_plugin plugin{};
  const aisopod_host *host = nullptr;
  std::atomic<std::uint64_t> vetoes{0};
};

// No exception may leave the plugin (rule 20): every entry point that can throw uses this.
template <typename Body> std::int32_t catch_all(aisopod_reply *reply, Body body) {
  try {
    return body();
  } catch (const std::exception &error) {
    return aisopod_fail(reply, AISOPOD_E_FAILED, error.what());
  } catch (...) {
    return aisopod_fail(reply, AISOPOD_E_FAILED, "an exception of an unknown type");
  }
}

std::string decoded(aisopod_json value) {
  std::string text(value.length, '\0');
  std::size_t length = 0;
  aisopod_json_decode(value, text.data(), text.size(), &length);
  text.resize(length);
  return text;
}

// Searches the raw JSON, including keys: a secret can be anywhere in it.
std::int32_t before_tool_execute(void *data, const aisopod_request *request, aisopod_reply *reply) {
  return catch_all(reply, [&] {
    const Rule *rule = find_secret({static_cast<const char *>(request->input), request->input_length});
    if (rule == nullptr) return aisopod_reply_json(reply, R"({"action":"continue"})");
    static_cast<Guard *>(data)->vetoes++;
    const auto what = std::string(rule->meaning) + " (rule " + std::string(rule->name) + ")";
    auto veto = aisopod_reply_writer(reply);
    aisopod_json_open_object(&veto);
    aisopod_json_put_key(&veto, "action");
    aisopod_json_put_text(&veto, "veto");
    aisopod_json_put_key(&veto, "reason");
    aisopod_json_put_text(&veto, ("the call seems to contain " + what).c_str());
    aisopod_json_close_object(&veto);
    return aisopod_reply_written(reply, &veto);
  });
}

// The output of one run of the command.
class Output {
public:
  Output(const aisopod_host *host, const aisopod_request *request) : ticket_(aisopod_ticket_of(host, request)) {}

  // Output must not be lost, so this waits for room.
  void line(std::uint32_t tag, std::string_view text) const {
    const auto chunk = std::string(text) + "\n";
    const auto idle = [] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); };
    aisopod_emit_wait(&ticket_, AISOPOD_FORMAT_BYTES, tag, chunk.data(), chunk.size(), idle);
  }

private:
  aisopod_ticket ticket_;
};

int list(const Guard &guard, const Output &output) {
  for (const Rule &rule : RULES)
    output.line(AISOPOD_TAG_STDOUT, std::string(rule.name) + ": " + std::string(rule.meaning));
  output.line(AISOPOD_TAG_STDOUT, "vetoed so far: " + std::to_string(guard.vetoes.load()));
  return 0;
}

int explain(const Output &output, std::string_view name) {
  const Rule *rule = find_rule(name);
  if (rule == nullptr) {
    output.line(AISOPOD_TAG_STDERR, "unknown rule; to list the rules: guard list");
    return 1;
  }
  const auto min_length = std::to_string(rule->min_length);
  const auto tail = rule->min_length == 0 ? "" : ", followed by at least " + min_length + " letters or digits";
  output.line(AISOPOD_TAG_STDOUT, std::string(rule->meaning) + ": starts with " + std::string(rule->prefix) + tail);
  return 0;
}

int run(const Guard &guard, const Output &output, const std::vector<std::string> &words) {
  if (words.empty() || (words.size() == 1 && words[0] == "list")) return list(guard, output);
  if (words.size() == 2 && words[0] == "explain") return explain(output, words[1]);
  output.line(AISOPOD_TAG_STDERR, "usage: guard [list | explain RULE]");
  return 2;
}

std::int32_t guard_command(void *data, const aisopod_request *request, aisopod_reply *reply) {
  return catch_all(reply, [&] {
    const auto &guard = *static_cast<Guard *>(data);
    const auto input = aisopod_json_parse(request->input, request->input_length);
    auto argv = aisopod_json_items_of(aisopod_json_member(input, "argv"));
    std::vector<std::string> words;
    while (aisopod_json_next(&argv)) words.push_back(decoded(argv.value));
    const int exit_code = run(guard, Output(guard.host, request), words);
    return aisopod_reply_json(reply, ("{\"exitCode\":" + std::to_string(exit_code) + "}").c_str());
  });
}

std::int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  // A call that could not be searched must not go on: if the hook fails, that is a veto.
  const std::int32_t status = aisopod_register_kind(host, AISOPOD_KIND_HOOK, "BeforeToolExecute", nullptr,
                                                    R"({"failClosed":true})", before_tool_execute, self, reply);
  if (status < 0) return status;
  return aisopod_register_command(host, "guard", "Lists or explains the rules by which tool calls are vetoed",
                                  R"({"usage":"guard [list | explain RULE]","requiresAuthorization":false})",
                                  guard_command, self, reply);
}

std::int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *) {
  static_cast<Guard *>(self)->host = init->host;
  return AISOPOD_OK;
}

std::int32_t shutdown_plugin(void *, aisopod_reply *) { return AISOPOD_OK; }

}

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  auto *guard = new (std::nothrow) Guard;
  if (guard == nullptr) return nullptr;
  guard->plugin.size = sizeof guard->plugin;
  guard->plugin.flags = AISOPOD_PLUGIN_THREAD_SAFE;
  guard->plugin.self = guard;
  guard->plugin.id = "guard";
  guard->plugin.register_capabilities = register_capabilities;
  guard->plugin.init = init_plugin;
  guard->plugin.shutdown = shutdown_plugin;
  return &guard->plugin;
}

AISOPOD_EXPORT void aisopod_plugin_destroy(const aisopod_plugin *plugin) { delete static_cast<Guard *>(plugin->self); }
