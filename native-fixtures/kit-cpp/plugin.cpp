/* Uses everything that plugin.hpp has. */
#include <aisopod/plugin.hpp>

namespace {

constexpr char ANY[] = R"({"type":"object"})";

/* Passes every message that it sends back to the host. */
class Echo : public aisopod::Channel {
public:
  aisopod::Answer send(aisopod::Call &call) override {
    receive(call.input());
    return aisopod::JsonWriter().open_object().member("id", prefix_ + "1").close_object();
  }

private:
  void connected(const aisopod::Json &settings) override {
    prefix_ = settings["prefix"].text_or("");
    if (prefix_ == "refuse") throw aisopod::Failure(AISOPOD_E_INVALID, "this prefix is refused");
  }

  std::string prefix_;
};

/* Answers with the words of the last message. */
class Parrot : public aisopod::Provider {
public:
  aisopod::Answer models(aisopod::Call &) override { return R"([{"id":"parrot"}])"; }
  aisopod::Answer chat(aisopod::Call &call) override {
    const auto messages = call.parameters()["messages"].items();
    const std::string text = messages.empty() ? "" : messages.back()["content"].text();
    call.delta(text);
    return aisopod::JsonWriter().open_object().member("role", "assistant").member("content", text).close_object();
  }
};

class Kit : public aisopod::Plugin {
public:
  Kit() : Plugin("kit-cpp", AISOPOD_PLUGIN_THREAD_SAFE) {
    answering();
    failing();
    pending();
    command("kit", "Prints its words", R"({"usage":"kit WORD…"})", [](aisopod::CommandCall &call) {
      for (const std::string &word : call.args()) call.out(word + "\n");
      if (call.args().empty()) call.err("usage: kit WORD…\n");
      return call.args().empty() ? 2 : 0;
    });
    hook("BeforeToolExecute", R"({"priority":5})", [](aisopod::Call &call) {
      const std::string tool = call.parameters()["tool"].text_or("");
      if (tool == "forbidden") return aisopod::HookAnswer::veto("it is forbidden");
      if (tool == "old") return aisopod::HookAnswer::replace(R"({"tool":"new"})");
      return aisopod::HookAnswer::proceed();
    });
    channel("kit", "Echoes", "", echo_);
    provider("kit", "Parrots", "", parrot_);
    on_reconfigure([this](const aisopod::Init &given) {
      if (given.config()["refuse"].boolean_or(false)) throw aisopod::Failure("this configuration is refused");
      greeting_ = given.config()["greeting"].text_or("none");
    });
    on_handover([this] { return greeting_; }, [this](std::string_view state) {
      if (state.empty() || state == "refuse") throw aisopod::Failure("this state is refused");
      log(AISOPOD_LOG_INFO, "was given " + std::string(state));
    });
  }

private:
  void init(const aisopod::Init &given) override {
    greeting_ = given.config()["greeting"].text_or("none");
    data_dir_ = given.data_dir();
    log(AISOPOD_LOG_INFO, "kit-cpp is ready for host " + given.host_version());
    background_.post([this] {
      while (background_.sleep_for(std::chrono::hours(1))) {}
      log(AISOPOD_LOG_INFO, "the background task has ended");
    });
  }
  void shutdown() override { log(AISOPOD_LOG_INFO, "kit-cpp is shut down"); }

  void answering() {
    tool("kit_echo", "Echoes", ANY, [](aisopod::Call &call) { return std::string(call.input()); });
    tool("kit_large", "Answers with many bytes", ANY, [](aisopod::Call &call) {
      return aisopod::Answer::text(std::string(static_cast<std::size_t>(call.parameters()["bytes"].integer()), 'x'));
    });
    inline_tool("kit_inline", "Answers at once", ANY, [](const aisopod::Request &request) {
      return aisopod::JsonWriter().open_object().member("session", request.context("sessionKey")).close_object().str();
    });
    tool("kit_values", "Reads and writes each type of value", "", [](aisopod::Call &call) {
      const aisopod::Json given = call.parameters();
      aisopod::JsonWriter writer;
      writer.open_object().member("text", given["text"].text()).member("integer", given["integer"].integer());
      writer.member("number", given["number"].number()).member("boolean", given["boolean"].boolean());
      writer.key("missing").value(given["missing"].integer_or(-1)).key("nothing").null().key("items").open_array();
      for (const aisopod::Json &item : given["items"].items()) writer.value(item);
      return writer.close_array().close_object().str();
    });
    tool("kit_config", "Tells its configuration", ANY, [this](aisopod::Call &) {
      return aisopod::JsonWriter().open_object().member("greeting", greeting_).member("dataDir", data_dir_).close_object().str();
    });
    tool("kit_count", "Streams numbers", ANY, [](aisopod::Call &call) {
      const std::int64_t count = call.parameters()["count"].integer();
      for (std::int64_t i = 0; i < count; i++) {
        call.stop_if_cancelled();
        call.emit(std::to_string(i));
      }
      call.progress(1, 2, "half");
      return std::to_string(count);
    });
  }

  void failing() {
    tool("kit_throw", "Throws", ANY, [](aisopod::Call &call) -> aisopod::Answer {
      const std::string what = call.parameters()["what"].text();
      if (what == "failure") throw aisopod::Failure(AISOPOD_E_NOT_FOUND, "there is none");
      if (what == "int") throw 7;
      throw std::runtime_error(what);
    });
  }

  void pending() {
    pending_tool("kit_later", "Answers from a worker", ANY, [this](aisopod::Pending pending) {
      worker_.run(std::move(pending), [](const aisopod::Pending &call) {
        const aisopod::Json parameters = call.parameters();
        if (parameters["fail"].boolean_or(false)) throw aisopod::Failure(AISOPOD_E_DENIED, "asked to fail");
        if (parameters["forever"].boolean_or(false)) {
          call.stream().emit("\"begun\"");
          while (!call.cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
          throw aisopod::Failure(AISOPOD_E_CANCELLED, "stopped on request");
        }
        return aisopod::JsonWriter().open_object().member("input", call.input()).member("session", call.context("sessionKey")).close_object().str();
      });
    });
    pending_tool("kit_dropped", "Forgets its call", ANY, [](aisopod::Pending) {});
    pending_tool("kit_thrown_later", "Throws before it hands the call on", ANY, [](aisopod::Pending) { throw std::runtime_error("not handed on"); });
    pending_tool("kit_thrown_after", "Throws after it has answered", ANY, [](aisopod::Pending pending) {
      pending.complete("1");
      throw std::runtime_error("too late");
    });
    pending_tool("kit_twice", "Answers twice", ANY, [this](aisopod::Pending pending) {
      pending.complete("\"first\"");
      try {
        pending.complete("\"second\"");
      } catch (const std::logic_error &error) {
        log(AISOPOD_LOG_WARN, error.what());
      }
    });
    pending_tool("kit_ask", "Asks another tool", ANY, [this](aisopod::Pending pending) {
      const std::string tool = pending.parameters()["tool"].text();
      const std::uint64_t parent = pending.stream().invocation();
      ask(AISOPOD_KIND_TOOL, tool, "call", R"({"asked":true})", parent, [pending = std::move(pending)](const aisopod::Reply &reply) mutable {
        if (reply.ok()) pending.complete(std::string(reply.data));
        else pending.fail(reply.status, std::string(reply.data));
      });
    });
  }

  Echo echo_;
  Parrot parrot_;
  std::string greeting_, data_dir_;
  aisopod::Worker worker_{*this};
  aisopod::Worker background_{*this};
};

}

AISOPOD_PLUGIN(Kit);
