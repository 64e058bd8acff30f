// Causes a fault on request: in a tool, by its input {"fault": "segv"}; in a lifecycle step, by
// AISOPOD_FIXTURE_FAULT="init:segv". The steps are constructor, create, register, init, shutdown and destructor.
#include "faults.h"
#include "stub.h"
#include "thread.h"
#include "tools.h"

namespace {

struct Opened {
  Opened() { commit_fault(fault_for("constructor")); }
  ~Opened() { commit_fault(fault_for("destructor")); }
} opened;

const aisopod_host *host = nullptr;

std::string fault_in(const aisopod_request *request) {
  char name[32] = "none";
  json_copy(json_text(json_member(input_of(request), "fault")), name, sizeof name);
  return name;
}

int32_t done(aisopod_reply *reply) { return aisopod_reply_json(reply, "{\"survived\":true}"); }

int32_t here(void *, const aisopod_request *request, aisopod_reply *reply) {
  commit_fault(fault_in(request));
  return done(reply);
}

// The data of a pending invocation's thread, which frees it.
struct Pending {
  aisopod_ticket ticket;
  std::string fault;
};

void run_pending(void *memory) {
  auto *job = static_cast<Pending *>(memory);
  commit_fault(job->fault);
  static const char answer[] = "{\"survived\":true}";
  aisopod_complete(job->ticket.host, job->ticket.invocation, AISOPOD_OK, answer, sizeof answer - 1);
  delete job;
}

int32_t pending(void *, const aisopod_request *request, aisopod_reply *reply) {
  thread worker;
  auto *job = new Pending{aisopod_ticket_of(host, request), fault_in(request)};
  if (!thread_start(&worker, run_pending, job)) return aisopod_fail(reply, AISOPOD_E_FAILED, "no thread");
  thread_detach(worker);
  return AISOPOD_PENDING;
}

// Answers at once, and causes the fault later on its own thread, when no call is open.
void run_idle(void *memory) {
  auto *fault = static_cast<std::string *>(memory);
  sleep_ms(50);
  commit_fault(*fault);
  delete fault;
}

int32_t idle(void *, const aisopod_request *request, aisopod_reply *reply) {
  thread worker;
  if (!thread_start(&worker, run_idle, new std::string(fault_in(request)))) return aisopod_fail(reply, AISOPOD_E_FAILED, "no thread");
  thread_detach(worker);
  return done(reply);
}

// Causes the fault in on_reply.
struct Called {
  aisopod_ticket ticket;
  std::string fault;
};

void on_reply(void *user, const aisopod_completion *) {
  auto *called = static_cast<Called *>(user);
  commit_fault(called->fault);
  static const char answer[] = "{\"survived\":true}";
  aisopod_complete(called->ticket.host, called->ticket.invocation, AISOPOD_OK, answer, sizeof answer - 1);
  delete called;
}

int32_t callback(void *, const aisopod_request *request, aisopod_reply *reply) {
  static const char input[] = "{}";
  aisopod_call call;
  call.size = static_cast<uint32_t>(sizeof call);
  call.kind = AISOPOD_KIND_TOOL;
  call.name = "nobody_has_this_tool";
  call.method = "call";
  call.format = AISOPOD_FORMAT_JSON;
  call.reserved = 0;
  call.input = input;
  call.input_length = sizeof input - 1;
  call.parent = request->invocation;
  call.on_reply = on_reply;
  call.user = new Called{aisopod_ticket_of(host, request), fault_in(request)};
  return host->call(host->context, &call) == AISOPOD_PENDING ? AISOPOD_PENDING : aisopod_fail(reply, AISOPOD_E_FAILED, "refused");
}

// Causes the fault in release.
void give_back(void *argument, const void *) {
  auto *fault = static_cast<std::string *>(argument);
  commit_fault(*fault);
  delete fault;
}

int32_t owned(void *, const aisopod_request *request, aisopod_reply *reply) {
  static const char answer[] = "{\"survived\":true}";
  return aisopod_reply_owned(reply, answer, sizeof answer - 1, give_back, new std::string(fault_in(request)));
}

const tool tools[] = {
    {"inline", AISOPOD_CAPABILITY_INLINE, here, nullptr}, {"worker", 0, here, nullptr},     {"pending", 0, pending, nullptr},
    {"idle", 0, idle, nullptr},                           {"callback", 0, callback, nullptr}, {"release", 0, owned, nullptr},
};

int32_t register_capabilities(void *, const aisopod_host *given, aisopod_reply *reply) {
  host = given;
  commit_fault(fault_for("register"));
  return register_tools(host, tools, sizeof tools / sizeof *tools, nullptr, reply);
}

int32_t init_plugin(void *, const aisopod_init *, aisopod_reply *) {
  commit_fault(fault_for("init"));
  return AISOPOD_OK;
}

int32_t shutdown_plugin(void *, aisopod_reply *) {
  commit_fault(fault_for("shutdown"));
  return AISOPOD_OK;
}

const aisopod_plugin plugin = STUB_PLUGIN(register_capabilities, init_plugin, shutdown_plugin);

}

AISOPOD_DEFINE_ABI();

extern "C" AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  commit_fault(fault_for("create"));
  return &plugin;
}
