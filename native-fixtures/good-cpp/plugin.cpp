// A correct plugin in C++17. It uses exceptions, and catches them before they leave the plugin.
#include <aisopod/plugin.h>

#include <cctype>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>

#include "json.h"

AISOPOD_DEFINE_ABI();

namespace {

std::string text_of(const aisopod_request &request) {
  const json text = json_text(json_member(json_of(request.input, request.input_length), "text"));
  if (text.length == 0) throw std::invalid_argument("there is no text to shout");
  return std::string(text.at, text.length);
}

std::string shouted(std::string text) {
  bool escaped = false; // \n must not become \N
  for (char &c : text) {
    if (!escaped) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    escaped = !escaped && c == '\\';
  }
  return text;
}

void release(void *, const void *owned) { delete[] static_cast<const char *>(owned); }

int32_t answer(aisopod_reply *reply, const std::string &result) {
  if (aisopod_reply_copy(reply, result.data(), result.size()) > 0) return AISOPOD_OK;
  char *memory = new char[result.size()];
  result.copy(memory, result.size());
  return aisopod_reply_owned(reply, memory, result.size(), release, nullptr);
}

int32_t shout(void *, const aisopod_request *request, aisopod_reply *reply) {
  try {
    return answer(reply, "{\"text\":\"" + shouted(text_of(*request)) + "!\"}");
  } catch (const std::exception &error) {
    return aisopod_fail(reply, AISOPOD_E_FAILED, error.what());
  } catch (...) {
    return aisopod_fail(reply, AISOPOD_E_FAILED, "unknown exception");
  }
}

int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  const char *spec = R"({"type":"object","properties":{"text":{"type":"string"}}})";
  return aisopod_register_tool(host, "shout", "Says it louder", spec, shout, self, reply);
}

int32_t init_plugin(void *, const aisopod_init *, aisopod_reply *) { return AISOPOD_OK; }

int32_t shutdown_plugin(void *, aisopod_reply *) { return AISOPOD_OK; }

}

extern "C" {

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  aisopod_plugin *plugin = new (std::nothrow) aisopod_plugin();
  if (plugin == nullptr) return nullptr;
  plugin->size = static_cast<uint32_t>(sizeof *plugin);
  plugin->id = "good-cpp";
  plugin->register_capabilities = register_capabilities;
  plugin->init = init_plugin;
  plugin->shutdown = shutdown_plugin;
  return plugin;
}

AISOPOD_EXPORT void aisopod_plugin_destroy(const aisopod_plugin *plugin) { delete plugin; }

}
