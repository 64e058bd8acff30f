// {{title}}: the provider {{capability}}. Its model repeats the last message: replace `chat` by your service.
#include <aisopod/plugin.hpp>

#include <algorithm>

namespace {

class Echo : public aisopod::Provider {
public:
  aisopod::Answer models(aisopod::Call &) override { return R"([{"id":"echo-1","name":"Echo"}])"; }

  // {"model": "echo-1", "messages": […]} -> {"role": "assistant", "content": "…"}
  aisopod::Answer chat(aisopod::Call &call) override {
    const auto messages = call.parameters()["messages"].items();
    if (messages.empty()) throw aisopod::Failure(AISOPOD_E_INVALID, "messages: expected at least one");
    const std::string text = messages.back()["content"].text();
    for (std::size_t start = 0; start < text.size();) { // in pieces, each up to a space
      call.stop_if_cancelled();
      const std::size_t end = std::min(text.find(' ', start), text.size() - 1) + 1;
      call.delta(text.substr(start, end - start));
      start = end;
    }
    return aisopod::JsonWriter().open_object().member("role", "assistant").member("content", text).member("finishReason", "stop").close_object();
  }
};

class {{Class}} : public aisopod::Plugin {
public:
  {{Class}}() : Plugin("{{id}}") { provider("{{capability}}", "Repeats the last message", "", echo_); }

private:
  Echo echo_;
};

}

AISOPOD_PLUGIN({{Class}});
