// {{title}}: the channel {{capability}}. It sends each message back: replace `send` by your service.
#include <aisopod/plugin.hpp>

namespace {

class Echo : public aisopod::Channel {
public:
  // {"text": "…"} -> {"id": "…"}
  aisopod::Answer send(aisopod::Call &call) override {
    const std::string id = std::to_string(++messages_);
    aisopod::JsonWriter message;
    message.open_object().member("id", id).member("text", call.parameters()["text"].text_or(""));
    message.key("sender").open_object().member("id", "echo").close_object().close_object();
    if (!receive(message.str())) throw aisopod::Failure("the channel is not connected");
    return aisopod::JsonWriter().open_object().member("id", id).close_object();
  }

private:
  unsigned long messages_ = 0;
};

class {{Class}} : public aisopod::Plugin {
public:
  {{Class}}() : Plugin("{{id}}") { channel("{{capability}}", "Sends each message back", R"({"label":"{{title}}"})", echo_); }

private:
  Echo echo_;
};

}

AISOPOD_PLUGIN({{Class}});
