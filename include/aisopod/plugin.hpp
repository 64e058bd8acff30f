/*
 * aisopod/plugin.hpp: plugins in C++17. Header-only, on top of plugin.h, whose rules hold as well.
 *
 * A plugin is a class. Its constructor registers capabilities; the handler of each is a lambda or an object:
 *
 *     #include <aisopod/plugin.hpp>
 *
 *     class Weather : public aisopod::Plugin {
 *     public:
 *       Weather() : Plugin("weather") {
 *         tool("forecast", "Says how warm it is", R"({"type":"object","required":["city"]})", [](aisopod::Call &call) {
 *           const std::string city = call.parameters()["city"].text();
 *           return aisopod::JsonWriter().open_object().member("city", city).member("celsius", -3).close_object().str();
 *         });
 *       }
 *     };
 *     AISOPOD_PLUGIN(Weather);
 *
 * What this header prevents (the numbers are those of the rules in plugin.h):
 *   14. A handler gets a Call that can be neither copied nor moved. A Pending has copies of everything.
 *   15, 16. A handler either returns its answer or takes a Pending. A Pending answers once, and if it is dropped, it answers
 *       with a failure.
 *   10. A Worker is joined before shutdown returns, after everything that was posted to it has run.
 *   18. emit waits for room. The handler of an inline tool gets a Request, which has no emit.
 *   20. An exception becomes a status with its message. Answers of any size are returned.
 */
#ifndef AISOPOD_PLUGIN_HPP
#define AISOPOD_PLUGIN_HPP

#include "plugin.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace aisopod {

/* A failure with a status of plugin.h. Handlers throw it; any other exception counts as AISOPOD_E_FAILED. */
class Failure : public std::runtime_error {
public:
  Failure(std::int32_t code, const std::string &message) : std::runtime_error(message), status_(code) {}
  explicit Failure(const std::string &message) : Failure(AISOPOD_E_FAILED, message) {}
  std::int32_t status() const noexcept { return status_; }

private:
  std::int32_t status_;
};

/* A JSON value. It points into the text that it was parsed from. What does not have the expected type throws a Failure that
 * names the key. */
class Json {
public:
  Json() : Json(aisopod_json_none(), "value") {}

  /* Throws if the text is not valid JSON. `name` is used in messages. */
  static Json parse(std::string_view json_text, const std::string &name = "value") {
    const Json json(aisopod_json_parse(json_text.data(), json_text.size()), name);
    if (!json.exists()) throw Failure(AISOPOD_E_INVALID, name + ": expected valid JSON");
    return json;
  }

  bool exists() const { return value_.length > 0; }
  explicit operator bool() const { return exists(); }
  aisopod_json_type type() const { return aisopod_json_type_of(value_); }
  /* The JSON text of this value. */
  std::string_view source() const { return {value_.at, value_.length}; }

  /* A member of an object. If there is none, the result does not exist. */
  Json operator[](const std::string &key) const { return Json(aisopod_json_member(value_, key.c_str()), key); }

  std::string text() const {
    if (type() != AISOPOD_JSON_STRING) throw expected("a string");
    std::string decoded(value_.length, '\0');
    std::size_t length = 0;
    aisopod_json_decode(value_, decoded.data(), decoded.size(), &length);
    decoded.resize(length);
    return decoded;
  }
  std::int64_t integer() const {
    std::int64_t read = 0;
    if (!aisopod_json_int(value_, &read)) throw expected("an integer");
    return read;
  }
  double number() const {
    double read = 0;
    if (!aisopod_json_number(value_, &read)) throw expected("a number");
    return read;
  }
  bool boolean() const {
    int read = 0;
    if (!aisopod_json_bool(value_, &read)) throw expected("true or false");
    return read != 0;
  }
  /* The same, with the result for a value that does not exist. */
  std::string text_or(const std::string &otherwise) const { return exists() ? text() : otherwise; }
  std::int64_t integer_or(std::int64_t otherwise) const { return exists() ? integer() : otherwise; }
  double number_or(double otherwise) const { return exists() ? number() : otherwise; }
  bool boolean_or(bool otherwise) const { return exists() ? boolean() : otherwise; }

  /* The elements of an array, or the values of an object. Anything else has none. */
  std::vector<Json> items() const {
    std::vector<Json> all;
    aisopod_json_items each = aisopod_json_items_of(value_);
    while (aisopod_json_next(&each)) all.push_back(Json(each.value, name_));
    return all;
  }

private:
  Json(aisopod_json value, std::string name) : value_(value), name_(std::move(name)) {}
  Failure expected(const char *what) const { return Failure(AISOPOD_E_INVALID, name_ + ": expected " + what); }

  aisopod_json value_;
  std::string name_;
};

/* Writes JSON text: commas, quotes and escapes are put where they belong. */
class JsonWriter {
public:
  JsonWriter() : writer_(aisopod_json_growing(std::realloc)) {}
  ~JsonWriter() { std::free(writer_.to); }
  JsonWriter(const JsonWriter &) = delete;
  JsonWriter &operator=(const JsonWriter &) = delete;

  JsonWriter &open_object() { return aisopod_json_open_object(&writer_), *this; }
  JsonWriter &close_object() { return aisopod_json_close_object(&writer_), *this; }
  JsonWriter &open_array() { return aisopod_json_open_array(&writer_), *this; }
  JsonWriter &close_array() { return aisopod_json_close_array(&writer_), *this; }
  JsonWriter &key(const std::string &name) { return aisopod_json_put_key(&writer_, name.c_str()), *this; }
  JsonWriter &null() { return aisopod_json_put_null(&writer_), *this; }
  /* A value that is JSON text already. */
  JsonWriter &json(std::string_view text) { return aisopod_json_put_json(&writer_, text.data(), text.size()), *this; }
  JsonWriter &value(std::string_view text) { return aisopod_json_put_text_of(&writer_, text.data(), text.size()), *this; }
  JsonWriter &value(const std::string &text) { return value(std::string_view(text)); }
  JsonWriter &value(const char *text) { return aisopod_json_put_text(&writer_, text), *this; }
  JsonWriter &value(const Json &given) { return json(given.source()); }
  template <typename Number, typename = std::enable_if_t<std::is_arithmetic_v<Number>>> JsonWriter &value(Number number) {
    if constexpr (std::is_same_v<Number, bool>) aisopod_json_put_bool(&writer_, number ? 1 : 0);
    else if constexpr (std::is_floating_point_v<Number>) aisopod_json_put_number(&writer_, static_cast<double>(number));
    else if constexpr (std::is_signed_v<Number>) aisopod_json_put_int(&writer_, static_cast<std::int64_t>(number));
    else aisopod_json_put_uint(&writer_, static_cast<std::uint64_t>(number));
    return *this;
  }
  template <typename Value> JsonWriter &member(const std::string &name, const Value &its_value) { return key(name).value(its_value); }

  std::string str() const {
    if (!aisopod_json_fits(&writer_)) throw std::bad_alloc();
    return std::string(writer_.to == nullptr ? "" : writer_.to, writer_.length);
  }

private:
  aisopod_json_writer writer_;
};

/* What a handler answers: JSON text. */
class Answer {
public:
  Answer(std::string json_text) : json_(std::move(json_text)) {}
  Answer(const char *json_text) : json_(json_text) {}
  Answer(const JsonWriter &writer) : json_(writer.str()) {}
  /* Any text, as a JSON string. */
  static Answer text(std::string_view any) { return JsonWriter().value(any).str(); }

  const std::string &json() const { return json_; }

private:
  std::string json_;
};

/* What a hook answers. Hooks whose name begins with Before may replace and veto. */
class HookAnswer {
public:
  static HookAnswer proceed() { return HookAnswer(R"({"action":"continue"})"); }
  static HookAnswer replace(std::string_view data) {
    return HookAnswer(JsonWriter().open_object().member("action", "replace").key("value").json(data).close_object().str());
  }
  static HookAnswer veto(const std::string &reason) {
    return HookAnswer(JsonWriter().open_object().member("action", "veto").member("reason", reason).close_object().str());
  }
  const std::string &json() const { return json_; }

private:
  explicit HookAnswer(std::string json_text) : json_(std::move(json_text)) {}
  std::string json_;
};

namespace detail {

inline void log(const aisopod_host *host, std::uint32_t level, std::string_view message) {
  if (host == nullptr) return;
  aisopod_log record{};
  record.size = static_cast<std::uint32_t>(sizeof record);
  record.level = level;
  record.message = message.data();
  record.message_length = message.size();
  host->log(host->context, &record);
}

/* A failure always has a message. */
inline const char *reason_of(const std::exception &error) { return *error.what() == '\0' ? "failed without a reason" : error.what(); }

/* Runs `body`, and passes the status and message of an exception to `fail`. */
template <typename Body, typename Fail> auto guarded(Body body, Fail fail) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (const Failure &failure) {
    return fail(failure.status(), reason_of(failure));
  } catch (const std::exception &error) {
    return fail(AISOPOD_E_FAILED, reason_of(error));
  } catch (...) {
    return fail(AISOPOD_E_FAILED, "an exception of an unknown type");
  }
}

template <typename Body> std::int32_t into(aisopod_reply *reply, Body body) noexcept {
  return guarded(body, [&](std::int32_t status, const char *message) { return aisopod_fail(reply, status, message); });
}

inline std::int32_t reply_with(aisopod_reply *reply, const Answer &answer) {
  return aisopod_reply_any(reply, answer.json().data(), answer.json().size(), std::malloc, std::free);
}

/* Owns the answer of one invocation: the first answer counts, and there is always one. */
class Completion {
public:
  explicit Completion(const aisopod_ticket &its_ticket) : ticket(its_ticket) {}
  ~Completion() {
    if (is_returned_) finish(AISOPOD_E_FAILED, Answer("the plugin dropped this call without an answer"));
  }
  Completion(const Completion &) = delete;
  Completion &operator=(const Completion &) = delete;

  void finish(std::int32_t status, const Answer &answer) {
    if (!claim()) return;
    aisopod_complete(ticket.host, ticket.invocation, status, answer.json().data(), answer.json().size());
  }
  /* Returns whether the caller is the one that answers. */
  bool claim() { return !is_answered_.exchange(true); }
  /* The handler has returned: from now on a dropped call is answered here. */
  void returned() { is_returned_ = true; }

  const aisopod_ticket ticket;
  std::string method, input, context;

private:
  std::atomic<bool> is_answered_{false};
  bool is_returned_ = false;
};

}

/* The part of an invocation that both a Call and a Pending have. */
class Stream {
public:
  explicit Stream(const aisopod_ticket &ticket) : ticket_(ticket) {}

  std::uint64_t invocation() const { return ticket_.invocation; }
  /* Whether the work should stop (rule 17). */
  bool cancelled() const { return aisopod_ticket_cancelled(&ticket_) != 0; }
  /* For loops: throws a Failure with AISOPOD_E_CANCELLED. */
  void stop_if_cancelled() const {
    if (cancelled()) throw Failure(AISOPOD_E_CANCELLED, "stopped on request");
  }
  /* Sends a part of the answer, and waits until there is room for it. Throws if nobody waits for it any more. */
  void emit(std::string_view json, std::uint32_t tag = AISOPOD_TAG_NONE) const { emit_as(AISOPOD_FORMAT_JSON, json, tag); }
  void emit_bytes(std::string_view bytes, std::uint32_t tag = AISOPOD_TAG_NONE) const { emit_as(AISOPOD_FORMAT_BYTES, bytes, tag); }
  /* Reports how far the work is; `total` 0: unknown. If there is no room, the report is dropped: the next one replaces it. */
  void progress(std::uint64_t done, std::uint64_t total, const std::string &message = "") const {
    aisopod_report_progress(ticket_.host, ticket_.invocation, done, total, message.empty() ? nullptr : message.c_str());
  }
  /* The next piece of text of a model's answer. */
  void delta(std::string_view text) const {
    emit(JsonWriter().open_object().member("content", text).close_object().str(), AISOPOD_TAG_DELTA);
  }

private:
  void emit_as(std::uint32_t format, std::string_view data, std::uint32_t tag) const {
    const auto idle = [] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); };
    const std::int32_t status = aisopod_emit_wait(&ticket_, format, tag, data.data(), data.size(), idle);
    if (status < 0) throw Failure(status, "the host did not accept a chunk: the call has ended");
  }

  aisopod_ticket ticket_;
};

/* An invocation, as long as its handler runs. It can be neither copied nor moved (rule 14). */
class Request {
public:
  explicit Request(const aisopod_request &request) : request_(request) {}
  Request(const Request &) = delete;
  Request &operator=(const Request &) = delete;

  std::string_view method() const { return request_.method; }
  std::string_view input() const { return {static_cast<const char *>(request_.input), request_.input_length}; }
  Json parameters() const { return Json::parse(input(), "parameters"); }
  /* A string of the call's context, such as "sessionKey"; empty if the host did not give it. */
  std::string context(const std::string &key) const {
    const aisopod_json value = aisopod_json_member(aisopod_context(&request_), key.c_str());
    return aisopod_json_type_of(value) == AISOPOD_JSON_STRING ? Json::parse({value.at, value.length}).text() : "";
  }

private:
  const aisopod_request &request_;
};

class Call : public Request, public Stream {
public:
  Call(const aisopod_host *host, const aisopod_request &request) : Request(request), Stream(aisopod_ticket_of(host, &request)) {}
};

/* One run of a command. */
class CommandCall : public Call {
public:
  CommandCall(const aisopod_host *host, const aisopod_request &request) : Call(host, request) {
    const Json input = parameters();
    for (const Json &word : input["argv"].items()) args_.push_back(word.text());
    cwd_ = input["cwd"].text_or("");
  }
  const std::vector<std::string> &args() const { return args_; }
  const std::string &cwd() const { return cwd_; }
  void out(std::string_view text) const { emit_bytes(text, AISOPOD_TAG_STDOUT); }
  void err(std::string_view text) const { emit_bytes(text, AISOPOD_TAG_STDERR); }

private:
  std::vector<std::string> args_;
  std::string cwd_;
};

/* An invocation that is answered later, from any thread. It has copies of everything. It answers once: a second answer throws
 * std::logic_error, and one that is dropped without an answer fails. */
class Pending {
public:
  explicit Pending(std::shared_ptr<detail::Completion> completion) : completion_(std::move(completion)) {}
  Pending(Pending &&) = default;
  Pending &operator=(Pending &&) = default;

  std::string_view method() const { return its().method; }
  std::string_view input() const { return its().input; }
  Json parameters() const { return Json::parse(input(), "parameters"); }
  std::string context(const std::string &key) const {
    return its().context.empty() ? "" : Json::parse(its().context)[key].text_or("");
  }
  /* To emit, report progress, and find out whether the work should stop. */
  Stream stream() const { return Stream(its().ticket); }
  bool cancelled() const { return stream().cancelled(); }

  void complete(const Answer &answer) { take()->finish(AISOPOD_OK, answer); }
  void fail(std::int32_t status, const std::string &message) { take()->finish(status, Answer(message)); }

private:
  detail::Completion &its() const {
    if (completion_ == nullptr) throw std::logic_error("this call is answered already, or was moved");
    return *completion_;
  }
  std::shared_ptr<detail::Completion> take() {
    its();
    return std::move(completion_);
  }

  std::shared_ptr<detail::Completion> completion_;
};

class Plugin;

/* A thread of the plugin, with a queue. It is a member of a plugin, which joins it at shutdown: what was posted runs first. */
class Worker {
public:
  explicit Worker(Plugin &plugin);
  ~Worker();
  Worker(const Worker &) = delete;
  Worker &operator=(const Worker &) = delete;

  /* Runs `task()` on the thread, which starts with the first task. An exception is logged. */
  template <typename Body> void post(Body task);
  /* Runs `body(pending)` on the thread, and answers with what it returns or throws. */
  template <typename Body> void run(Pending pending, Body body);

  /* Whether the plugin is shutting down: a task that loops ends then. */
  bool stopping() const { return is_stopping_; }
  /* Pauses a task. Returns false, at once, when the plugin shuts down. */
  template <typename Duration> bool sleep_for(Duration duration) {
    std::unique_lock<std::mutex> lock(mutex_);
    return !changed_.wait_for(lock, duration, [this] { return is_stopping_.load(); });
  }
  /* Runs what was posted, and joins the thread. */
  void stop() noexcept;

private:
  struct Task {
    virtual ~Task() = default;
    virtual void run() = 0;
  };
  template <typename Body> struct TaskOf final : Task {
    explicit TaskOf(Body its_body) : body(std::move(its_body)) {}
    void run() override { body(); }
    Body body;
  };

  void work();

  Plugin &plugin_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Task>> tasks_;
  std::atomic<bool> is_stopping_{false};
  std::thread thread_;
};

/* A channel: the plugin sends messages for the host, and passes on those that arrive. The host connects it once at a time. */
class Channel {
public:
  virtual ~Channel() = default;

  void start(Pending pending, std::shared_ptr<detail::Completion> completion) {
    connected(pending.parameters());
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      std::swap(connection_, completion); // what was there is answered after the lock is free
    }
    if (pending.cancelled()) end(pending.stream().invocation());
  }
  /* Ends the connection, on any thread. The lock is free while a host function is called (rule 13). */
  void end(std::uint64_t invocation) {
    std::shared_ptr<detail::Completion> connection;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (connection_ != nullptr && connection_->ticket.invocation == invocation) connection = std::move(connection_);
    }
    if (connection == nullptr) return;
    connection->finish(AISOPOD_OK, Answer("null"));
    disconnected();
  }

  /* Sends a message for the host (channel-message). Returns a receipt (channel-receipt). */
  virtual Answer send(Call &call) = 0;

protected:
  /* Passes an arrived message on to the host, from any thread but that of disconnected(). Returns false without a connection. */
  bool receive(std::string_view message) {
    std::shared_ptr<detail::Completion> connection;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      connection = connection_;
    }
    if (connection == nullptr) return false;
    Stream(connection->ticket).emit(message, AISOPOD_TAG_MESSAGE);
    return true;
  }
  /* Called when the host connects. An exception refuses. */
  virtual void connected(const Json &settings) { static_cast<void>(settings); }
  /* Called when the connection has ended, on any thread: must not block. */
  virtual void disconnected() {}

private:
  std::mutex mutex_;
  std::shared_ptr<detail::Completion> connection_;
};

/* A provider of models. The payloads are those of docs/plugins.md. */
class Provider {
public:
  virtual ~Provider() = default;
  virtual Answer models(Call &call) = 0;
  /* call.delta() sends a piece of the answer; the return value is the whole message. */
  virtual Answer chat(Call &call) = 0;
  virtual Answer health(Call &call) {
    static_cast<void>(call);
    return R"({"status":"ok"})";
  }
};

/* The argument of init. Json values point into it, so copy what is used later. */
class Init {
public:
  explicit Init(const aisopod_init &init)
      : config_(Json::parse({init.config, init.config_length}, "configuration")), data_dir_(init.data_dir),
        host_version_(init.host_version) {}
  const Json &config() const { return config_; }
  const std::string &data_dir() const { return data_dir_; }
  const std::string &host_version() const { return host_version_; }

private:
  Json config_;
  std::string data_dir_, host_version_;
};

/* The answer to a call of another capability. */
struct Reply {
  std::int32_t status;
  std::string_view data; /* of a failure: the message */
  bool ok() const { return status > 0; }
};

/* The base class of a plugin. Each load creates one object; two may exist at once in a process. */
class Plugin {
public:
  using Handler = std::function<Answer(Call &)>;

  /* `flags`: AISOPOD_PLUGIN_THREAD_SAFE or AISOPOD_PLUGIN_ONE_THREAD. */
  explicit Plugin(std::string id, std::uint32_t flags = 0) : id_(std::move(id)) {
    raw_.size = static_cast<std::uint32_t>(sizeof raw_);
    raw_.flags = flags;
    raw_.self = this;
    raw_.id = id_.c_str();
    raw_.register_capabilities = register_all;
    raw_.init = init_plugin;
    raw_.shutdown = shutdown_plugin;
    raw_.get_extension = extension;
  }
  virtual ~Plugin() = default;
  Plugin(const Plugin &) = delete;
  Plugin &operator=(const Plugin &) = delete;

  const aisopod_plugin *raw() const { return &raw_; }
  /* Writes a line to the host's log. `level`: AISOPOD_LOG_… */
  void log(std::uint32_t level, std::string_view message) const { detail::log(host_, level, message); }

  /* Calls a capability through the host. `on_reply(const Reply &)` must not block, and runs on any thread; `parent` is the
   * invocation that makes the call, or 0. Throws if the host refuses the call; on_reply is not called then. */
  template <typename OnReply>
  void ask(std::uint32_t kind, const std::string &name, const std::string &method, std::string_view input, std::uint64_t parent,
            OnReply on_reply);

protected:
  /* For constructors. `spec` is as in aisopod_capability: for a tool the JSON Schema of its parameters. An empty one is none. */
  void tool(const std::string &name, const std::string &description, const std::string &spec, Handler handler) {
    add(AISOPOD_KIND_TOOL, name, description, spec, [this, handler = std::move(handler)](const aisopod_request &request, aisopod_reply *reply) {
      require_method(request, "call");
      Call invocation(host_, request);
      return detail::reply_with(reply, handler(invocation));
    });
  }
  /* A tool that answers in microseconds, perhaps on the host's main thread. The handler must not block (rule 11). */
  void inline_tool(const std::string &name, const std::string &description, const std::string &spec,
                   std::function<Answer(const Request &)> handler) {
    add(AISOPOD_KIND_TOOL, name, description, spec, [handler = std::move(handler)](const aisopod_request &request, aisopod_reply *reply) {
      require_method(request, "call");
      return detail::reply_with(reply, handler(Request(request)));
    }).flags = AISOPOD_CAPABILITY_INLINE;
  }
  /* A tool that answers later. The handler hands the Pending on, for example to a Worker. */
  void pending_tool(const std::string &name, const std::string &description, const std::string &spec, std::function<void(Pending)> handler) {
    add(AISOPOD_KIND_TOOL, name, description, spec, [this, handler = std::move(handler)](const aisopod_request &request, aisopod_reply *) {
      require_method(request, "call");
      const auto completion = completion_of(request);
      try {
        handler(Pending(completion));
      } catch (...) {
        if (completion->claim()) throw; // otherwise it has been answered already, from another thread perhaps
      }
      completion->returned();
      return AISOPOD_PENDING;
    });
  }
  /* A command. The handler returns the exit code. */
  void command(const std::string &name, const std::string &description, const std::string &spec, std::function<int(CommandCall &)> handler) {
    add(AISOPOD_KIND_COMMAND, name, description, spec, [this, handler = std::move(handler)](const aisopod_request &request, aisopod_reply *reply) {
      require_method(request, "run");
      CommandCall invocation(host_, request);
      const int exit_code = handler(invocation);
      return detail::reply_with(reply, JsonWriter().open_object().member("exitCode", exit_code).close_object());
    });
  }
  void hook(const std::string &name, const std::string &spec, std::function<HookAnswer(Call &)> handler) {
    add(AISOPOD_KIND_HOOK, name, "", spec, [this, handler = std::move(handler)](const aisopod_request &request, aisopod_reply *reply) {
      require_method(request, "handle");
      Call invocation(host_, request);
      return detail::reply_with(reply, Answer(handler(invocation).json()));
    });
  }
  /* The channel must live as long as the plugin: it is a member. The same holds for a provider. */
  void channel(const std::string &name, const std::string &description, const std::string &spec, Channel &its) {
    const auto end = [&its](std::uint64_t invocation) { its.end(invocation); };
    add(AISOPOD_KIND_CHANNEL, name, description, spec, [this, &its](const aisopod_request &request, aisopod_reply *reply) {
      if (std::string_view(request.method) == "start") {
        const auto completion = completion_of(request);
        its.start(Pending(completion), completion);
        completion->returned();
        return AISOPOD_PENDING;
      }
      require_method(request, "send");
      Call invocation(host_, request);
      return detail::reply_with(reply, its.send(invocation));
    }, end);
  }
  void provider(const std::string &name, const std::string &description, const std::string &spec, Provider &its) {
    add(AISOPOD_KIND_PROVIDER, name, description, spec, [this, &its](const aisopod_request &request, aisopod_reply *reply) {
      Call invocation(host_, request);
      if (invocation.method() == "models") return detail::reply_with(reply, its.models(invocation));
      if (invocation.method() == "health") return detail::reply_with(reply, its.health(invocation));
      require_method(request, "chat");
      return detail::reply_with(reply, its.chat(invocation));
    });
  }
  /* Offers the extension aisopod.reconfigure/1: the handler applies a new configuration, or throws and keeps the old one. */
  void on_reconfigure(std::function<void(const Init &)> handler) { reconfigure_ = std::move(handler); }
  /* Offers the extension aisopod.handover/1: at an update, `save` returns the state, and `restore` of the next generation gets it
   * before init. An exception of either fails the update. */
  void on_handover(std::function<std::string()> save, std::function<void(std::string_view)> restore) {
    save_ = std::move(save);
    restore_ = std::move(restore);
  }

  /* Called once, before the first invocation. An exception fails the plugin, and its message is the reason. */
  virtual void init(const Init &given) { static_cast<void>(given); }
  /* Called once, after every worker was joined. */
  virtual void shutdown() {}

private:
  friend class Worker;
  using Invoke = std::function<std::int32_t(const aisopod_request &, aisopod_reply *)>;
  struct Capability {
    std::string name, description, spec;
    Invoke invoke;
    std::function<void(std::uint64_t)> cancel;
    aisopod_capability raw;
  };

  aisopod_capability &add(std::uint32_t kind, const std::string &name, const std::string &description, const std::string &spec, Invoke invoke,
                          std::function<void(std::uint64_t)> cancel = nullptr) {
    capabilities_.push_back(std::make_unique<Capability>());
    Capability &added = *capabilities_.back();
    added.name = name, added.description = description, added.spec = spec;
    added.invoke = std::move(invoke), added.cancel = std::move(cancel);
    added.raw = aisopod_capability_of(kind, added.name.c_str(), invoke_capability);
    added.raw.description = added.description.empty() ? nullptr : added.description.c_str();
    added.raw.spec = added.spec.empty() ? nullptr : added.spec.c_str();
    added.raw.data = &added;
    if (added.cancel) added.raw.cancel = cancel_capability;
    return added.raw;
  }
  static void require_method(const aisopod_request &request, const char *method) {
    if (std::string_view(request.method) == method) return;
    throw Failure(AISOPOD_E_UNSUPPORTED, std::string("unknown method ") + request.method);
  }
  std::shared_ptr<detail::Completion> completion_of(const aisopod_request &request) const {
    const auto completion = std::make_shared<detail::Completion>(aisopod_ticket_of(host_, &request));
    completion->method = request.method;
    completion->input.assign(static_cast<const char *>(request.input), request.input_length);
    const aisopod_json context = aisopod_context(&request);
    completion->context.assign(context.at, context.length);
    return completion;
  }
  void stop_workers() noexcept {
    for (Worker *worker : workers_) worker->stop();
  }

  static std::int32_t invoke_capability(void *data, const aisopod_request *request, aisopod_reply *reply) {
    return detail::into(reply, [&] { return static_cast<Capability *>(data)->invoke(*request, reply); });
  }
  static void cancel_capability(void *data, std::uint64_t invocation) {
    detail::guarded([&] { static_cast<Capability *>(data)->cancel(invocation); }, [](std::int32_t, const char *) {});
  }
  static std::int32_t register_all(void *self, const aisopod_host *host, aisopod_reply *reply) {
    Plugin &plugin = *static_cast<Plugin *>(self);
    plugin.host_ = host;
    for (const auto &capability : plugin.capabilities_) {
      const std::int32_t status = aisopod_register(host, &capability->raw, reply);
      if (status < 0) return status;
    }
    return AISOPOD_OK;
  }
  static std::int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
    Plugin &plugin = *static_cast<Plugin *>(self);
    const std::int32_t status = detail::into(reply, [&] { return plugin.init(Init(*init)), AISOPOD_OK; });
    if (status < 0) plugin.stop_workers(); // shutdown is not called after a failed init
    return status;
  }
  static std::int32_t shutdown_plugin(void *self, aisopod_reply *reply) {
    Plugin &plugin = *static_cast<Plugin *>(self);
    plugin.stop_workers();
    return detail::into(reply, [&] { return plugin.shutdown(), AISOPOD_OK; });
  }
  static std::int32_t reconfigure_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
    Plugin &plugin = *static_cast<Plugin *>(self);
    return detail::into(reply, [&] { return plugin.reconfigure_(Init(*init)), AISOPOD_OK; });
  }
  static std::int32_t save_state(void *self, aisopod_reply *reply) {
    Plugin &plugin = *static_cast<Plugin *>(self);
    return detail::into(reply, [&] {
      const std::string state = plugin.save_();
      reply->format = AISOPOD_FORMAT_BYTES;
      return aisopod_reply_any(reply, state.data(), state.size(), std::malloc, std::free);
    });
  }
  static std::int32_t restore_state(void *self, const aisopod_state *state, aisopod_reply *reply) {
    Plugin &plugin = *static_cast<Plugin *>(self);
    return detail::into(reply, [&] { return plugin.restore_({static_cast<const char *>(state->data), state->length}), AISOPOD_OK; });
  }
  static const void *extension(void *self, const char *id) {
    static const aisopod_reconfigure reconfigure = {static_cast<std::uint32_t>(sizeof reconfigure), 0, reconfigure_plugin};
    static const aisopod_handover handover = {static_cast<std::uint32_t>(sizeof handover), 0, save_state, restore_state};
    const Plugin &plugin = *static_cast<Plugin *>(self);
    const std::string_view name(id);
    if (plugin.reconfigure_ && name == AISOPOD_EXTENSION_RECONFIGURE) return &reconfigure;
    return plugin.save_ && plugin.restore_ && name == AISOPOD_EXTENSION_HANDOVER ? &handover : nullptr;
  }

  std::string id_;
  aisopod_plugin raw_{};
  const aisopod_host *host_ = nullptr;
  std::vector<std::unique_ptr<Capability>> capabilities_;
  std::vector<Worker *> workers_;
  std::function<void(const Init &)> reconfigure_;
  std::function<std::string()> save_;
  std::function<void(std::string_view)> restore_;
};

inline Worker::Worker(Plugin &plugin) : plugin_(plugin) { plugin_.workers_.push_back(this); }

inline Worker::~Worker() {
  stop();
  auto &all = plugin_.workers_;
  for (auto at = all.begin(); at != all.end(); ++at) {
    if (*at != this) continue;
    all.erase(at);
    return;
  }
}

template <typename Body> void Worker::post(Body task) {
  auto added = std::make_unique<TaskOf<Body>>(std::move(task));
  const std::lock_guard<std::mutex> lock(mutex_);
  if (is_stopping_) throw Failure(AISOPOD_E_CLOSED, "the plugin is shutting down");
  if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
  tasks_.push_back(std::move(added));
  changed_.notify_all();
}

template <typename Body> void Worker::run(Pending pending, Body body) {
  post([pending = std::move(pending), body = std::move(body)]() mutable {
    const auto fail = [&](std::int32_t status, const char *message) { pending.fail(status, message); };
    detail::guarded([&] { pending.complete(Answer(body(static_cast<const Pending &>(pending)))); }, fail);
  });
}

inline void Worker::stop() noexcept {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

inline void Worker::work() {
  for (;;) {
    std::unique_ptr<Task> next;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [this] { return is_stopping_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      next = std::move(tasks_.front());
      tasks_.pop_front();
    }
    const auto fail = [this](std::int32_t, const char *message) {
      plugin_.log(AISOPOD_LOG_ERROR, std::string("a task of a worker failed: ") + message);
    };
    detail::guarded([&] { next->run(); }, fail);
  }
}

template <typename OnReply>
void Plugin::ask(std::uint32_t kind, const std::string &name, const std::string &method, std::string_view input, std::uint64_t parent,
                  OnReply on_reply) {
  struct Waiting {
    const aisopod_host *host;
    OnReply on_reply;
    static void answered(void *user, const aisopod_completion *completion) {
      const std::unique_ptr<Waiting> waiting(static_cast<Waiting *>(user));
      const Reply reply{completion->status, {static_cast<const char *>(completion->data), completion->length}};
      const auto fail = [&](std::int32_t, const char *message) { detail::log(waiting->host, AISOPOD_LOG_ERROR, message); };
      detail::guarded([&] { waiting->on_reply(reply); }, fail);
    }
  };
  auto waiting = std::unique_ptr<Waiting>(new Waiting{host_, std::move(on_reply)});
  aisopod_call call{};
  call.size = static_cast<std::uint32_t>(sizeof call);
  call.kind = kind;
  call.name = name.c_str();
  call.method = method.c_str();
  call.format = AISOPOD_FORMAT_JSON;
  call.input = input.data();
  call.input_length = input.size();
  call.parent = parent;
  call.on_reply = Waiting::answered;
  call.user = waiting.get();
  Waiting *const kept = waiting.release(); // on_reply may run before the host returns
  const std::int32_t status = host_->call(host_->context, &call);
  if (status == AISOPOD_PENDING) return;
  delete kept;
  throw Failure(status, "the host refused the call of " + name);
}

namespace detail {

/* An exception in the constructor of a plugin makes create return NULL; its message is printed, which the host logs. */
template <typename Class> const aisopod_plugin *create() noexcept {
  const auto fail = [](std::int32_t, const char *message) -> const aisopod_plugin * {
    std::fprintf(stderr, "the constructor of the plugin failed: %s\n", message);
    return nullptr;
  };
  return guarded([] { return (new Class())->raw(); }, fail);
}

}

}

/* Use this once, at file scope, in one source file of the plugin: defines its exports. */
#define AISOPOD_PLUGIN(Class)                                                                                              \
  AISOPOD_DEFINE_ABI();                                                                                                    \
  AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return aisopod::detail::create<Class>(); }           \
  AISOPOD_EXPORT void aisopod_plugin_destroy(const aisopod_plugin *plugin) { delete static_cast<aisopod::Plugin *>(plugin->self); } \
  static_assert(true, "")

#endif /* AISOPOD_PLUGIN_HPP */
