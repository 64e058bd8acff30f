/*
 * aisopod/plugin.h: the contract between an aisopod host and a native plugin. ABI version 1.
 *
 * A plugin is a shared library that exports two functions and one constant:
 *
 *     uint32_t              aisopod_plugin_abi_version(void);   required
 *     const aisopod_plugin *aisopod_plugin_create(void);        required
 *     void                  aisopod_plugin_destroy(const aisopod_plugin *);   optional
 *     const aisopod_note    aisopod_plugin_note;                read by the host from the file, before any code runs
 *
 * AISOPOD_DEFINE_ABI() defines the first and the last. The host calls create, then the functions in the struct that it
 * returns: register_capabilities, then init, and at the end shutdown. In between it calls the `invoke` of each
 * registered capability. The structs are declared in the order in which a plugin uses them; small inline helpers follow
 * at the end.
 *
 * How to read the comments
 *   Thread:  the thread that the host calls on, or that the plugin may call from.
 *            "main": the host's main thread. "worker": a thread of the host other than the main one, possibly a
 *            different one for each call, with at least 1 MiB of stack. "any": any thread, including the plugin's own.
 *   Owner:   who owns the memory involved, and how long it stays valid.
 *   Rule n:  one of the numbered rules. docs/abi.md explains each one, with an example.
 *
 * The rules, and what happens if a plugin breaks one
 *
 *  Layout
 *   1. This header is valid C99 and C++11 or later. It needs only <stdint.h>, <stddef.h> and json.h, which is beside it.
 *      64-bit platforms only. Broken: the plugin does not compile.
 *   2. Every struct starts with `uint32_t size`. The writer sets it to sizeof; the reader accesses nothing beyond it.
 *      New members are only appended; all padding is in `reserved` members, which are zero. Structs are passed one at a
 *      time, by pointer. Broken: a size too small for the required members is refused (ERR_INVALID_PLUGIN,
 *      AISOPOD_E_INVALID).
 *   3. The ABI version is one number. A host supports a range of versions. New features are extensions, which either
 *      side requests with get_extension by versioned name. Broken: ERR_ABI_MISMATCH before create runs.
 *   4. The note is constant-initialized data without pointers, so that the host can check a plugin without running it.
 *      Broken (absent): the host has to open the library and call aisopod_plugin_abi_version.
 *   5. Everything dynamic has an explicit length. Constants passed at registration are NUL-terminated UTF-8 of limited
 *      length (AISOPOD_MAX_NAME, _DESCRIPTION, _SPEC). Broken: the registration, reply or string is refused.
 *   6. The host checks before it reads: the pointer is not NULL and aligned to 8; then size, then the members inside
 *      it; lengths against the capacity or a limit; `owned` only together with `release`; a known status. Broken: a
 *      typed error for that call. In-process, the host cannot detect a wild pointer.
 *
 *  Life
 *   7. create calls no host function. register_capabilities may call only register_capability and log. One refused
 *      registration fails the plugin, whatever register_capabilities returns. Broken: AISOPOD_E_STATE.
 *   8. init, shutdown and every invocation that is not INLINE run on a worker, possibly a different one each time. A
 *      plugin that always needs the same thread sets AISOPOD_PLUGIN_ONE_THREAD, or starts a thread of its own and
 *      returns AISOPOD_PENDING. Broken: data races in the plugin.
 *   9. A plugin never calls exit, chdir, setlocale or fork, and installs no signal handlers. It leaves the rounding
 *      mode and the handling of subnormal numbers unchanged (linking with -ffast-math changes them). No static
 *      destructor waits for a thread. Broken: the host ends or hangs; with a child process, only the child does. The
 *      host restores the floating-point state on the main thread, but not on other threads.
 *  10. At shutdown the host refuses new invocations, cancels the running ones, waits until none is inside the plugin,
 *      and then calls shutdown, which ends every thread that the plugin started. Broken (past the deadline): shutdown
 *      is not called; in-process the plugin is leaked, a child process is killed.
 *
 *  Threads
 *  11. By default, one thread at a time is inside a plugin. AISOPOD_PLUGIN_THREAD_SAFE allows several. An
 *      AISOPOD_CAPABILITY_INLINE capability is safe against the plugin's other threads, never blocks, never waits for a
 *      thread, and may run on the main thread. `release` may run there too, once, and must not block. Broken: the host
 *      stalls.
 *  12. invoke never waits for another invocation. The result of a host call arrives in a callback. A call into a plugin
 *      that is already running a call and is not THREAD_SAFE returns AISOPOD_E_BUSY. Calls nest at most
 *      AISOPOD_MAX_NESTING deep (AISOPOD_E_NESTING). Broken (waiting): the invocation ends at its deadline.
 *  13. A host function called off the main thread waits for the host's event loop, so do not hold a lock that code on
 *      the main thread may take. At most 1024 threads may be inside host functions at once. Broken: deadlock.
 *
 *  Invocations
 *  14. The request, the reply and the lent buffer are valid only until invoke returns. An invocation that returns
 *      PENDING first copies what it needs. It answers later with complete, which copies before it returns.
 *      Broken: other replies are corrupted.
 *  15. complete may be called before invoke has returned PENDING; the host keeps the answer. Calling complete and also
 *      returning a final status breaks this rule. Broken: the first answer counts, the second is recorded.
 *  16. An invocation completes once. After that, after cancel and after its deadline, emit and complete return
 *      AISOPOD_E_STALE and change nothing. Ids are never reused. A plugin completes an invocation that returned PENDING
 *      even then, so that the host knows that none of its code is still running. Broken: AISOPOD_E_STALE. If a PENDING
 *      invocation is not completed some time after its deadline, the host kills the plugin's child process.
 *  17. An invocation is cancelled when its cancel word differs from its epoch: use aisopod_cancelled(). The words stay
 *      valid as long as the process. A capability that blocks elsewhere may provide `cancel`, which wakes it. Broken
 *      (not checking): a typed error at the deadline; the plugin gets no further invocations until the call returns.
 *  18. Chunks are sent in order and before completion. emit may return AISOPOD_E_FULL; aisopod_has_room() tells when to
 *      continue. INLINE capabilities do not emit in loops, because they block the event loop. Broken: AISOPOD_E_FULL.
 *  19. Host functions return AISOPOD_E_CLOSED for a closed or unknown context. Contexts stay valid as long as the
 *      process, so a late call is safe. Broken: AISOPOD_E_CLOSED.
 *  20. A failure is a negative status with a message. 0 is not a status, so a forgotten one is not taken for success.
 *      No exception, panic or longjmp leaves the plugin. Broken: a typed error for 0 or an unknown status; an exception
 *      ends the process.
 */
#ifndef AISOPOD_PLUGIN_H
#define AISOPOD_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#include "json.h"

#if !defined(UINTPTR_MAX) || UINTPTR_MAX < 0xFFFFFFFFFFFFFFFFu
#error "aisopod/plugin.h: ABI version 1 is for 64-bit platforms (rule 1)"
#endif

#if defined(_WIN32)
#define AISOPOD_EXPORT __declspec(dllexport)
#else
#define AISOPOD_EXPORT __attribute__((visibility("default")))
#endif

/* Protects the note from link-time optimisation. Exporting it protects it from section garbage collection (rule 4). */
#if defined(__GNUC__)
#define AISOPOD_KEEP __attribute__((used))
#else
#define AISOPOD_KEEP
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define AISOPOD_ABI_VERSION 1u
#define AISOPOD_HEADER_VERSION 2u  /* incremented by every release of this file that adds something */
#define AISOPOD_NOTE_MAGIC 0x4F534941u /* "AISO" */

/* Limits for a registration, in bytes without the NUL (rule 5). */
#define AISOPOD_MAX_NAME 128u
#define AISOPOD_MAX_DESCRIPTION 8192u
#define AISOPOD_MAX_SPEC 262144u
#define AISOPOD_MAX_NESTING 16u /* rule 12 */
#define AISOPOD_MAX_STATE 16777216u /* bytes of aisopod_handover.save's reply */

/* Status: positive means success, negative means failure, 0 is not a status (rule 20). */
#define AISOPOD_OK 1
#define AISOPOD_PENDING 2            /* the plugin will call complete */
#define AISOPOD_E_FAILED (-1)        /* a failure of the plugin; see its message */
#define AISOPOD_E_INVALID (-2)       /* an argument breaks the contract */
#define AISOPOD_E_UNSUPPORTED (-3)   /* unknown method, kind or format */
#define AISOPOD_E_CANCELLED (-4)     /* stopped on request */
#define AISOPOD_E_BUSY (-5)          /* rule 12 */
#define AISOPOD_E_STALE (-6)         /* rule 16 */
#define AISOPOD_E_CLOSED (-7)        /* rule 19 */
#define AISOPOD_E_FULL (-8)          /* rule 18 */
#define AISOPOD_E_STATE (-9)         /* not allowed at this time (rule 7) */
#define AISOPOD_E_UNDECLARED (-10)   /* the manifest does not declare it */
#define AISOPOD_E_DUPLICATE (-11)    /* the name is taken */
#define AISOPOD_E_TOO_LARGE (-12)    /* over a limit, or larger than the lent buffer */
#define AISOPOD_E_NESTING (-13)      /* rule 12 */
#define AISOPOD_E_DENIED (-14)       /* the host does not allow it */
#define AISOPOD_E_NOT_FOUND (-15)    /* no such capability */
#define AISOPOD_E_TIMEOUT (-16)      /* the deadline passed */

/* Kinds of capability, and the methods of each: input -> output, both JSON.
 *   tool      "call"    parameters -> result; chunks tagged NONE or PROGRESS
 *   command   "run"     {"argv": [...], "cwd": "..."} -> {"exitCode": 0}; chunks tagged STDOUT or STDERR
 *   hook      "handle"  data -> {"action": "continue"} | {"action": "replace", "value": ...}
 *                               | {"action": "veto", "reason": "..."}; the name is the hook's
 *   channel   "start"   settings -> PENDING; chunks tagged MESSAGE until cancelled, then complete
 *             "send"    message -> receipt
 *   provider  "models"  {} -> [{"id": "..."}]
 *             "chat"    request -> message; chunks tagged DELTA
 *             "health"  {} -> {"status": "ok"}; or degraded, down
 * For an unknown method, invoke returns AISOPOD_E_UNSUPPORTED. */
#define AISOPOD_KIND_TOOL 1u
#define AISOPOD_KIND_COMMAND 2u
#define AISOPOD_KIND_HOOK 3u
#define AISOPOD_KIND_CHANNEL 4u
#define AISOPOD_KIND_PROVIDER 5u

/* Formats of a payload. */
#define AISOPOD_FORMAT_JSON 1u  /* UTF-8 JSON */
#define AISOPOD_FORMAT_BYTES 2u /* any bytes */

/* Tags of a chunk, for kinds that send several sorts of chunks. */
#define AISOPOD_TAG_NONE 0u
#define AISOPOD_TAG_STDOUT 1u
#define AISOPOD_TAG_STDERR 2u
#define AISOPOD_TAG_DELTA 3u
#define AISOPOD_TAG_MESSAGE 4u
#define AISOPOD_TAG_PROGRESS 5u /* {"progress": 3, "total": 10, "message": "..."}; use aisopod_report_progress() */

#define AISOPOD_LOG_DEBUG 1u
#define AISOPOD_LOG_INFO 2u
#define AISOPOD_LOG_WARN 3u
#define AISOPOD_LOG_ERROR 4u

#define AISOPOD_PLUGIN_THREAD_SAFE 1u /* several threads may call into the plugin at once (rule 11) */
#define AISOPOD_PLUGIN_ONE_THREAD 2u  /* needs the same worker for every call but cancel, INLINE ones too (rule 8) */
#define AISOPOD_CAPABILITY_INLINE 1u  /* may run on the main thread (rule 11) */

typedef struct aisopod_note aisopod_note;
typedef struct aisopod_plugin aisopod_plugin;
typedef struct aisopod_meta aisopod_meta;
typedef struct aisopod_host aisopod_host;
typedef struct aisopod_log aisopod_log;
typedef struct aisopod_capability aisopod_capability;
typedef struct aisopod_init aisopod_init;
typedef struct aisopod_request aisopod_request;
typedef struct aisopod_reply aisopod_reply;
typedef struct aisopod_chunk aisopod_chunk;
typedef struct aisopod_completion aisopod_completion;
typedef struct aisopod_call aisopod_call;
typedef struct aisopod_reconfigure aisopod_reconfigure;
typedef struct aisopod_state aisopod_state;
typedef struct aisopod_handover aisopod_handover;

/* Data that the host reads from the file (rule 4). Defined by AISOPOD_DEFINE_ABI(). */
struct aisopod_note {
  uint32_t size;
  uint32_t magic; /* AISOPOD_NOTE_MAGIC */
  uint32_t abi_version;
  uint32_t header_version;
  uint32_t pointer_size;
  uint32_t plugin_size; /* sizeof(aisopod_plugin) as compiled, and so on */
  uint32_t host_size;
  uint32_t capability_size;
  uint32_t request_size;
  uint32_t reply_size;
  uint32_t meta_size;
  uint32_t init_size;
  uint32_t log_size;
  uint32_t chunk_size;
  uint32_t completion_size;
  uint32_t call_size;
};

/* The reply to a call. The caller lends `buffer`. The callee either writes at most `capacity` bytes into it, or sets
 * `owned` and `release`; in both cases it sets `length`. On failure, the payload is the message, as UTF-8 text.
 * The host lends at least 4096 bytes to every call. */
struct aisopod_reply {
  uint32_t size;
  uint32_t format; /* the caller sets AISOPOD_FORMAT_JSON; change it if the reply is bytes */
  void *buffer;
  size_t capacity;
  size_t length;
  const void *owned; /* memory of the callee, used instead of the buffer */
  /* Returns `owned` to the callee. Called exactly once, soon after the call returned; must not block.
   * Thread: any, including main.  Owner: the callee, once it is called. */
  void (*release)(void *argument, const void *owned);
  void *release_argument;
};

/* Describes the plugin in lists and logs. Every pointer may be NULL.
 * Owner: the plugin; valid from create until destroy. */
struct aisopod_meta {
  uint32_t size;
  uint32_t reserved;
  const char *name;
  const char *version;
  const char *description;
  const char *author;
};

/* Returned by create. Owner: the plugin; valid and unchanged until destroy, or for ever if there is no destroy. */
struct aisopod_plugin {
  uint32_t size;
  uint32_t flags;           /* AISOPOD_PLUGIN_… */
  void *self;               /* passed to every function below */
  const char *id;           /* the id in the manifest */
  const aisopod_meta *meta; /* or NULL */
  /* Registers every capability with host->register_capability, and does nothing else (rule 7). Required.
   * Thread: worker, before init.  Owner: host is valid as long as the process; reply until return. */
  int32_t (*register_capabilities)(void *self, const aisopod_host *host, aisopod_reply *reply);
  /* Initializes the plugin and starts its threads. Required.
   * Thread: worker, once, after register_capabilities.  Owner: init and reply until return; init->host for ever. */
  int32_t (*init)(void *self, const aisopod_init *init, aisopod_reply *reply);
  /* Ends every thread that the plugin started and frees its resources (rule 10). Required. Not called if init failed:
   * an init that fails cleans up after itself.
   * Thread: worker, once, after a successful init, when no call is inside.  Owner: reply until return. */
  int32_t (*shutdown)(void *self, aisopod_reply *reply);
  /* Returns the struct of the named extension, or NULL if the plugin does not have it. May itself be NULL.
   * Thread: worker, after init; before it, only for aisopod_handover.  Owner: id until return; the plugin owns the result,
   * valid until destroy. */
  const void *(*get_extension)(void *self, const char *id);
};

/* A line for the host's log. */
struct aisopod_log {
  uint32_t size;
  uint32_t level; /* AISOPOD_LOG_… */
  const char *message;
  size_t message_length;
};

/* A capability of the plugin. Owner: the plugin. register_capability copies the strings; `data` and the functions must
 * stay valid until destroy. */
struct aisopod_capability {
  uint32_t size;
  uint32_t kind;  /* AISOPOD_KIND_… */
  uint32_t flags; /* AISOPOD_CAPABILITY_… */
  uint32_t reserved;
  const char *name;        /* tool: [A-Za-z0-9_-]{1,64}; hook: one of the twelve hook names */
  const char *description; /* for people and language models; may be NULL */
  const char *spec;        /* JSON or NULL. tool: JSON Schema of the parameters, or {"parameters": {...}, "title": "...",
                              "annotations": {...}, "outputSchema": {...}, "result": "content"};
                              command: {"usage": "...", "requiresAuthorization": true};
                              hook: {"priority": 10, "match": ["file_*"], "failClosed": true};
                              channel: {"label": "...", "threads": true, "media": ["image"], ...} */
  void *data;              /* passed to the functions below */
  /* Runs one method. Returns AISOPOD_OK with a payload, AISOPOD_PENDING, or a negative status with a message.
   * Thread: worker; any if INLINE (rules 8, 11).  Owner: request, reply and everything they point to, until return;
   * the words behind cancel and room, for ever (rule 14). */
  int32_t (*invoke)(void *data, const aisopod_request *request, aisopod_reply *reply);
  /* Wakes an invocation that blocks where it cannot check its cancel word. May be NULL; must not block.
   * Thread: any, while invoke runs or is pending, or just after.  Owner: no memory is passed. */
  void (*cancel)(void *data, uint64_t invocation);
};

/* The functions of the host. They return a status and can be called at any time: none throws or crashes.
 * Owner: the host; valid as long as the process (rule 19). */
struct aisopod_host {
  uint32_t size;
  uint32_t abi_version; /* the version that the host uses with this plugin */
  void *context;        /* the first argument of every function below */
  /* Writes a line to the host's log, with the plugin's id. Lines are cut to 64 KiB.
   * Thread: any.  Owner: the record until return. */
  int32_t (*log)(void *context, const aisopod_log *record);
  /* Registers a capability. If the host refuses it: a negative status, with the reason in reply (which may be NULL).
   * Thread: the one that runs register_capabilities.  Owner: both structs until return; strings are copied. */
  int32_t (*register_capability)(void *context, const aisopod_capability *capability, aisopod_reply *reply);
  /* Sends one chunk of an invocation that has not completed (rule 18).
   * Thread: any.  Owner: the chunk until return; data is copied. */
  int32_t (*emit)(void *context, const aisopod_chunk *chunk);
  /* Answers an invocation that returned, or is about to return, AISOPOD_PENDING (rules 14 to 16).
   * Thread: any.  Owner: the completion until return; data is copied. */
  int32_t (*complete)(void *context, const aisopod_completion *completion);
  /* Calls a capability through the host. After PENDING, on_reply is called exactly once, possibly before this returns;
   * after a negative status it is never called (rule 12).
   * Thread: any, after init began.  Owner: the call until return; input is copied. */
  int32_t (*call)(void *context, const aisopod_call *call);
  /* Returns the struct of the named extension, or NULL if the host does not have it.
   * Thread: any.  Owner: id until return; the host owns the result, valid for ever. */
  const void *(*get_extension)(void *context, const char *id);
};

/* The argument of init. */
struct aisopod_init {
  uint32_t size;
  uint32_t reserved;
  const aisopod_host *host; /* the same as in register_capabilities */
  const char *config;       /* JSON, valid against the manifest's schema, with its defaults */
  size_t config_length;
  const char *data_dir;     /* an existing folder for this plugin alone, absolute, UTF-8 */
  const char *host_version; /* semver */
};

/* One invocation. */
struct aisopod_request {
  uint32_t size;
  uint32_t format;    /* of the input: AISOPOD_FORMAT_… */
  const char *method; /* see the kinds above */
  const void *input;  /* never NULL */
  size_t input_length;
  uint64_t invocation;    /* never 0, never reused */
  uint64_t parent;        /* the invocation that caused this one through call, or 0 */
  const uint32_t *cancel; /* use aisopod_cancelled() (rule 17) */
  const uint32_t *room;   /* use aisopod_has_room() (rule 18) */
  uint32_t cancel_epoch;
  uint32_t reserved;
  /* What the host says about the call: JSON text of an object, or NULL. Since header version 2, so read it with
   * aisopod_context() or aisopod_context_text(), which know whether the host's struct has it (rule 2). */
  const char *context;
  size_t context_length;
};

/* A part of a result, sent before the answer. */
struct aisopod_chunk {
  uint32_t size;
  uint32_t format;
  uint64_t invocation;
  uint32_t tag; /* AISOPOD_TAG_… */
  uint32_t reserved;
  const void *data;
  size_t length;
};

/* The answer to a pending invocation or to a call. On failure, the data is the message. */
struct aisopod_completion {
  uint32_t size;
  int32_t status; /* AISOPOD_OK or negative */
  uint64_t invocation;
  uint32_t format;
  uint32_t reserved;
  const void *data;
  size_t length;
};

/* A call from the plugin to a capability of any plugin or of the host, by kind and name. */
struct aisopod_call {
  uint32_t size;
  uint32_t kind;
  const char *name;
  const char *method;
  uint32_t format;
  uint32_t reserved;
  const void *input;
  size_t input_length;
  uint64_t parent; /* the invocation that makes this call, whose context it carries, or 0 */
  /* Receives the answer. Must not block, as for INLINE (rule 11).
   * Thread: any, including main.  Owner: the completion until return; the plugin owns user. */
  void (*on_reply)(void *user, const aisopod_completion *completion);
  void *user;
};

/* The plugin's extension "aisopod.reconfigure/1". */
#define AISOPOD_EXTENSION_RECONFIGURE "aisopod.reconfigure/1"
struct aisopod_reconfigure {
  uint32_t size;
  uint32_t reserved;
  /* Applies a new configuration, or refuses it and keeps the old one. `init` is the same as in init, except config.
   * Thread: worker, one thread at a time.  Owner: init and reply until return. */
  int32_t (*reconfigure)(void *self, const aisopod_init *init, aisopod_reply *reply);
};

/* The argument of restore. */
struct aisopod_state {
  uint32_t size;
  uint32_t reserved;
  const void *data; /* what save answered; never NULL */
  size_t length;    /* never 0 */
};

/* The plugin's extension "aisopod.handover/1": at an update, what it has in memory goes to the next generation of the plugin,
 * which may be another version. Both functions may be used by one version alone: a plugin without this extension neither gives
 * nor gets a state. If one of them fails, the update fails, and the generation that runs stays. Not used when a plugin is
 * started again after a crash. */
#define AISOPOD_EXTENSION_HANDOVER "aisopod.handover/1"
struct aisopod_handover {
  uint32_t size;
  uint32_t reserved;
  /* Answers with the state, in any format, at most AISOPOD_MAX_STATE bytes; an empty answer means that there is none. The plugin
   * stays active: calls go on during save if it is THREAD_SAFE, and after it in any case. What they change then is not in the
   * state. If the update fails, nothing more follows.
   * Thread: worker, one thread at a time, after the next generation has registered.  Owner: reply until return. */
  int32_t (*save)(void *self, aisopod_reply *reply);
  /* Takes the state of the generation before, for init to use. Calls no host function but log. A failed restore cleans up after
   * itself: neither init nor shutdown follows.
   * Thread: worker, once at most, after register_capabilities and before init.  Owner: state, its data and reply until return. */
  int32_t (*restore)(void *self, const aisopod_state *state, aisopod_reply *reply);
};

/* The exports of a plugin. */

/* The ABI version that the plugin was compiled for.
 * Thread: worker, before everything else.  Owner: no memory is passed. */
AISOPOD_EXPORT uint32_t aisopod_plugin_abi_version(void);
/* Returns the plugin, or NULL. Calls no host function and does not block (rule 7).
 * Thread: worker, once per load.  Owner: the plugin; see aisopod_plugin. */
AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void);
/* Frees what create returned. Optional.
 * Thread: worker, after shutdown, or after a failed load, register_capabilities, restore or init.  Owner: the plugin. */
AISOPOD_EXPORT void aisopod_plugin_destroy(const aisopod_plugin *plugin);
extern AISOPOD_EXPORT const aisopod_note aisopod_plugin_note;

/* Use this once, at file scope, in one source file of the plugin. */
#ifdef __cplusplus
#define AISOPOD_EXTERN_C_BEGIN extern "C" {
#define AISOPOD_EXTERN_C_END }
#else
#define AISOPOD_EXTERN_C_BEGIN
#define AISOPOD_EXTERN_C_END
#endif
#define AISOPOD_DEFINE_ABI()                                                                                    \
  AISOPOD_EXTERN_C_BEGIN                                                                                        \
  AISOPOD_KEEP const aisopod_note aisopod_plugin_note = { /* exported by its declaration above */              \
      (uint32_t)sizeof(aisopod_note),       AISOPOD_NOTE_MAGIC,                                                 \
      AISOPOD_ABI_VERSION,                  AISOPOD_HEADER_VERSION,                                             \
      (uint32_t)sizeof(void *),             (uint32_t)sizeof(aisopod_plugin),                                   \
      (uint32_t)sizeof(aisopod_host),       (uint32_t)sizeof(aisopod_capability),                               \
      (uint32_t)sizeof(aisopod_request),    (uint32_t)sizeof(aisopod_reply),                                    \
      (uint32_t)sizeof(aisopod_meta),       (uint32_t)sizeof(aisopod_init),                                     \
      (uint32_t)sizeof(aisopod_log),        (uint32_t)sizeof(aisopod_chunk),                                    \
      (uint32_t)sizeof(aisopod_completion), (uint32_t)sizeof(aisopod_call)};                                    \
  AISOPOD_EXPORT uint32_t aisopod_plugin_abi_version(void) { return AISOPOD_ABI_VERSION; }                      \
  AISOPOD_EXTERN_C_END                                                                                          \
  struct aisopod_define_abi_takes_a_semicolon

/* Helpers: convenience functions that are not part of the ABI. */

/* Whether to read the words of an invocation with the compiler's atomic load. A volatile read works as well: it loads
 * each time, and no other data depends on the word. Zig's translate-c lacks the atomic builtins and turns every
 * function that uses them into an undefined one. It is based on Aro, which defines a macro, or on clang, where nothing
 * tells it apart. So C code under clang uses a volatile read, except under the thread sanitizer, which would report it
 * as a race. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define AISOPOD_UNDER_TSAN 1
#endif
#endif
#if !defined(__GNUC__) || defined(__ARO_EMULATE__)
#define AISOPOD_ATOMIC_LOAD 0
#elif !defined(__clang__) || defined(__cplusplus) || defined(__apple_build_version__) || defined(AISOPOD_UNDER_TSAN)
#define AISOPOD_ATOMIC_LOAD 1
#else
#define AISOPOD_ATOMIC_LOAD 0
#endif

static inline uint32_t aisopod_load_word(const uint32_t *word) {
#if AISOPOD_ATOMIC_LOAD
  return __atomic_load_n(word, __ATOMIC_ACQUIRE); /* a plain read in a loop at -O2 never sees the change */
#else
  return *(const volatile uint32_t *)word;
#endif
}

/* Returns whether this invocation should stop (rule 17). */
static inline int aisopod_cancelled(const aisopod_request *request) {
  return aisopod_load_word(request->cancel) != request->cancel_epoch;
}

/* Returns whether emit would accept a chunk now (rule 18). */
static inline int aisopod_has_room(const aisopod_request *request) { return aisopod_load_word(request->room) != 0; }

/* The parts of a request that a pending invocation keeps: the request is invalid once invoke returns (rule 14). */
typedef struct aisopod_ticket {
  const aisopod_host *host;
  uint64_t invocation;
  const uint32_t *cancel;
  const uint32_t *room;
  uint32_t cancel_epoch;
} aisopod_ticket;

static inline aisopod_ticket aisopod_ticket_of(const aisopod_host *host, const aisopod_request *request) {
  aisopod_ticket ticket;
  ticket.host = host;
  ticket.invocation = request->invocation;
  ticket.cancel = request->cancel;
  ticket.room = request->room;
  ticket.cancel_epoch = request->cancel_epoch;
  return ticket;
}

static inline int aisopod_ticket_cancelled(const aisopod_ticket *ticket) {
  return aisopod_load_word(ticket->cancel) != ticket->cancel_epoch;
}

static inline int aisopod_ticket_has_room(const aisopod_ticket *ticket) { return aisopod_load_word(ticket->room) != 0; }

/* The context of a call: an object, or no value if the host gave none. Every host that gives one uses these keys alike, whose
 * values are strings: agentId, sessionKey, userId, requestId, workspace (a folder), locale, traceparent. Others are the
 * host's own. A call made on behalf of this invocation (aisopod_call.parent) carries the same context. */
static inline aisopod_json aisopod_context(const aisopod_request *request) {
  if (request->size < offsetof(aisopod_request, context_length) + sizeof request->context_length) return aisopod_json_none();
  return aisopod_json_parse(request->context, request->context_length);
}

/* Reads a string of the context into `to`, with a NUL at the end. Returns AISOPOD_OK, or with an empty `to`:
 * AISOPOD_E_NOT_FOUND (no context, or no such key), AISOPOD_E_TOO_LARGE (more than `capacity` bytes), AISOPOD_E_INVALID (no
 * string, or one that contains a NUL). */
static inline int32_t aisopod_context_text(const aisopod_request *request, const char *key, char *to, size_t capacity) {
  aisopod_json value = aisopod_json_member(aisopod_context(request), key);
  if (aisopod_json_text(value, to, capacity)) return AISOPOD_OK;
  if (value.length == 0) return AISOPOD_E_NOT_FOUND;
  return aisopod_json_text_size(value) > capacity ? AISOPOD_E_TOO_LARGE : AISOPOD_E_INVALID;
}

static inline size_t aisopod_length(const char *text) {
  size_t length = 0;
  while (text[length] != '\0') length++;
  return length;
}

static inline void aisopod_fill(aisopod_reply *reply, const void *data, size_t length) {
  const unsigned char *from = (const unsigned char *)data;
  unsigned char *to = (unsigned char *)reply->buffer;
  size_t i;
  for (i = 0; i < length; i++) to[i] = from[i];
  reply->length = length;
}

/* Answers with a failure and a message, which is cut to fit. `return aisopod_fail(reply, AISOPOD_E_FAILED, "…");` */
static inline int32_t aisopod_fail(aisopod_reply *reply, int32_t status, const char *message) {
  size_t length = aisopod_length(message);
  aisopod_fill(reply, message, length < reply->capacity ? length : reply->capacity);
  return status;
}

/* Answers with a copy of `length` bytes in the lent buffer. Fails with AISOPOD_E_TOO_LARGE if they do not fit. */
static inline int32_t aisopod_reply_copy(aisopod_reply *reply, const void *data, size_t length) {
  if (length > reply->capacity) {
    return aisopod_fail(reply, AISOPOD_E_TOO_LARGE, "the answer is larger than the lent buffer: aisopod_reply_owned has no limit");
  }
  aisopod_fill(reply, data, length);
  return AISOPOD_OK;
}

/* Answers with JSON text. */
static inline int32_t aisopod_reply_json(aisopod_reply *reply, const char *json) {
  return aisopod_reply_copy(reply, json, aisopod_length(json));
}

/* Answers with memory of the plugin, which the host returns with `release`. */
static inline int32_t aisopod_reply_owned(aisopod_reply *reply, const void *data, size_t length,
                                          void (*release)(void *argument, const void *owned), void *argument) {
  reply->owned = data;
  reply->length = length;
  reply->release = release;
  reply->release_argument = argument;
  return AISOPOD_OK;
}

/* Memory that aisopod_reply_any allocated: this, then the answer. */
typedef struct aisopod_block {
  void (*release)(void *memory);
  uint64_t reserved;
} aisopod_block;

static inline void aisopod_release_block(void *argument, const void *owned) {
  aisopod_block *block = (aisopod_block *)argument;
  (void)owned;
  block->release(block);
}

/* Answers with a copy of `length` bytes, however many: in the lent buffer if they fit, otherwise in memory of the plugin.
 * `allocate` and `release` are the C library's malloc and free, or functions like them. */
static inline int32_t aisopod_reply_any(aisopod_reply *reply, const void *data, size_t length, void *(*allocate)(size_t size),
                                        void (*release)(void *memory)) {
  const unsigned char *from = (const unsigned char *)data;
  unsigned char *to;
  aisopod_block *block;
  size_t i;
  if (length <= reply->capacity) return aisopod_reply_copy(reply, data, length);
  block = length > SIZE_MAX - sizeof *block ? NULL : (aisopod_block *)allocate(sizeof *block + length);
  if (block == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  block->release = release;
  block->reserved = 0;
  to = (unsigned char *)(block + 1);
  for (i = 0; i < length; i++) to[i] = from[i];
  return aisopod_reply_owned(reply, to, length, aisopod_release_block, block);
}

/* Writes an answer into the lent buffer: see json.h. aisopod_reply_written ends it. */
static inline aisopod_json_writer aisopod_reply_writer(const aisopod_reply *reply) {
  return aisopod_json_into(reply->buffer, reply->capacity);
}

/* Answers with what the writer wrote. Fails with AISOPOD_E_TOO_LARGE if that did not fit. */
static inline int32_t aisopod_reply_written(aisopod_reply *reply, const aisopod_json_writer *writer) {
  if (!aisopod_json_fits(writer)) {
    return aisopod_fail(reply, AISOPOD_E_TOO_LARGE, "the answer is larger than the lent buffer: aisopod_json_growing has no limit");
  }
  reply->length = writer->length;
  return AISOPOD_OK;
}

/* Answers with any text, as a JSON string. */
static inline int32_t aisopod_reply_text(aisopod_reply *reply, const char *text) {
  aisopod_json_writer writer = aisopod_reply_writer(reply);
  aisopod_json_put_text(&writer, text);
  return aisopod_reply_written(reply, &writer);
}

/* Writes a NUL-terminated line to the host's log. */
static inline int32_t aisopod_log_text(const aisopod_host *host, uint32_t level, const char *message) {
  aisopod_log record;
  record.size = (uint32_t)sizeof record;
  record.level = level;
  record.message = message;
  record.message_length = aisopod_length(message);
  return host->log(host->context, &record);
}

static inline int32_t aisopod_emit_as(const aisopod_host *host, uint64_t invocation, uint32_t format, uint32_t tag,
                                      const void *data, size_t length) {
  aisopod_chunk chunk;
  chunk.size = (uint32_t)sizeof chunk;
  chunk.format = format;
  chunk.invocation = invocation;
  chunk.tag = tag;
  chunk.reserved = 0;
  chunk.data = data;
  chunk.length = length;
  return host->emit(host->context, &chunk);
}

/* Sends a chunk of JSON text. */
static inline int32_t aisopod_emit(const aisopod_host *host, uint64_t invocation, uint32_t tag, const void *data,
                                   size_t length) {
  return aisopod_emit_as(host, invocation, AISOPOD_FORMAT_JSON, tag, data, length);
}

/* Prints a command's text as plain bytes, not JSON. `tag` is AISOPOD_TAG_STDOUT or AISOPOD_TAG_STDERR. */
static inline int32_t aisopod_print(const aisopod_host *host, uint64_t invocation, uint32_t tag, const char *text) {
  return aisopod_emit_as(host, invocation, AISOPOD_FORMAT_BYTES, tag, text, aisopod_length(text));
}

/* Sends a chunk that must not be lost: waits until there is room. (Progress can be dropped instead, since the next report
 * replaces it.) `idle` sleeps for about a millisecond. Not for INLINE capabilities (rule 18). Returns the status of emit, or
 * AISOPOD_E_CANCELLED. */
static inline int32_t aisopod_emit_wait(const aisopod_ticket *ticket, uint32_t format, uint32_t tag, const void *data,
                                        size_t length, void (*idle)(void)) {
  for (;;) {
    int32_t status = aisopod_emit_as(ticket->host, ticket->invocation, format, tag, data, length);
    if (status != AISOPOD_E_FULL) return status;
    do {
      if (aisopod_ticket_cancelled(ticket)) return AISOPOD_E_CANCELLED;
      idle();
    } while (!aisopod_ticket_has_room(ticket));
  }
}

/* The first part of a UTF-8 text: whole characters of at most `limit` bytes. Returns its length. */
static inline size_t aisopod_cut_text(const char *text, size_t limit) {
  size_t length = 0;
  while (length < limit && text[length] != '\0') length++;
  if (text[length] == '\0') return length;
  while (length > 0 && ((unsigned char)text[length] & 0xC0u) == 0x80u) length--;
  return length;
}

/* Reports how far a tool is: `progress` of `total`, which is 0 if it is unknown, with a message (UTF-8 text, cut to 400 bytes)
 * or NULL. If the status is AISOPOD_E_FULL, drop the report: the next one replaces it. */
static inline int32_t aisopod_report_progress(const aisopod_host *host, uint64_t invocation, uint64_t progress,
                                              uint64_t total, const char *message) {
  char json[2560]; /* an escaped byte takes six */
  aisopod_json_writer writer = aisopod_json_into(json, sizeof json);
  aisopod_json_open_object(&writer);
  aisopod_json_put_key(&writer, "progress");
  aisopod_json_put_uint(&writer, progress);
  if (total != 0) {
    aisopod_json_put_key(&writer, "total");
    aisopod_json_put_uint(&writer, total);
  }
  if (message != NULL) {
    aisopod_json_put_key(&writer, "message");
    aisopod_json_put_text_of(&writer, message, aisopod_cut_text(message, 400));
  }
  aisopod_json_close_object(&writer);
  return aisopod_emit(host, invocation, AISOPOD_TAG_PROGRESS, json, writer.length);
}

static inline int32_t aisopod_complete(const aisopod_host *host, uint64_t invocation, int32_t status, const void *data,
                                       size_t length) {
  aisopod_completion completion;
  completion.size = (uint32_t)sizeof completion;
  completion.status = status;
  completion.invocation = invocation;
  completion.format = AISOPOD_FORMAT_JSON;
  completion.reserved = 0;
  completion.data = data;
  completion.length = length;
  return host->complete(host->context, &completion);
}

/* For a plugin that has nothing to initialize. */
static inline int32_t aisopod_no_init(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)init;
  (void)reply;
  return AISOPOD_OK;
}

/* For a plugin that has nothing to free. */
static inline int32_t aisopod_no_shutdown(void *self, aisopod_reply *reply) {
  (void)self;
  (void)reply;
  return AISOPOD_OK;
}

/* A capability with only its required members. Set flags, cancel and data as needed. */
static inline aisopod_capability aisopod_capability_of(uint32_t kind, const char *name,
                                                       int32_t (*invoke)(void *, const aisopod_request *,
                                                                         aisopod_reply *)) {
  aisopod_capability capability;
  capability.size = (uint32_t)sizeof capability;
  capability.kind = kind;
  capability.flags = 0;
  capability.reserved = 0;
  capability.name = name;
  capability.description = NULL;
  capability.spec = NULL;
  capability.data = NULL;
  capability.invoke = invoke;
  capability.cancel = NULL;
  return capability;
}

static inline int32_t aisopod_register(const aisopod_host *host, const aisopod_capability *capability,
                                       aisopod_reply *reply) {
  return host->register_capability(host->context, capability, reply);
}

/* Registers a capability of any kind; shortcuts for each kind follow. `spec` is as in aisopod_capability. */
static inline int32_t aisopod_register_kind(const aisopod_host *host, uint32_t kind, const char *name,
                                            const char *description, const char *spec,
                                            int32_t (*invoke)(void *, const aisopod_request *, aisopod_reply *),
                                            void *data, aisopod_reply *reply) {
  aisopod_capability capability = aisopod_capability_of(kind, name, invoke);
  capability.description = description;
  capability.spec = spec;
  capability.data = data;
  return aisopod_register(host, &capability, reply);
}

static inline int32_t aisopod_register_tool(const aisopod_host *host, const char *name, const char *description,
                                            const char *parameters,
                                            int32_t (*invoke)(void *, const aisopod_request *, aisopod_reply *),
                                            void *data, aisopod_reply *reply) {
  return aisopod_register_kind(host, AISOPOD_KIND_TOOL, name, description, parameters, invoke, data, reply);
}

static inline int32_t aisopod_register_command(const aisopod_host *host, const char *name, const char *description,
                                               const char *spec,
                                               int32_t (*invoke)(void *, const aisopod_request *, aisopod_reply *),
                                               void *data, aisopod_reply *reply) {
  return aisopod_register_kind(host, AISOPOD_KIND_COMMAND, name, description, spec, invoke, data, reply);
}

static inline int32_t aisopod_register_hook(const aisopod_host *host, const char *hook,
                                            int32_t (*invoke)(void *, const aisopod_request *, aisopod_reply *),
                                            void *data, aisopod_reply *reply) {
  return aisopod_register_kind(host, AISOPOD_KIND_HOOK, hook, NULL, NULL, invoke, data, reply);
}

static inline int32_t aisopod_register_channel(const aisopod_host *host, const char *name, const char *description,
                                               int32_t (*invoke)(void *, const aisopod_request *, aisopod_reply *),
                                               void *data, aisopod_reply *reply) {
  return aisopod_register_kind(host, AISOPOD_KIND_CHANNEL, name, description, NULL, invoke, data, reply);
}

static inline int32_t aisopod_register_provider(const aisopod_host *host, const char *name, const char *description,
                                                int32_t (*invoke)(void *, const aisopod_request *, aisopod_reply *),
                                                void *data, aisopod_reply *reply) {
  return aisopod_register_kind(host, AISOPOD_KIND_PROVIDER, name, description, NULL, invoke, data, reply);
}

#ifdef __cplusplus
}
#endif

#endif /* AISOPOD_PLUGIN_H */
