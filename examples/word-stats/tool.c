/* The tool word_stats: {"text": "..."} or {"file": "name"} -> counts, with progress chunks. */
#include "word-stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "count.h"

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#endif

#define BLOCK 4096u
#define PATH_ROOM 4096

/* The state of one invocation. */
typedef struct counting {
  const aisopod_host *host;
  const aisopod_request *request;
  word_count count;
  uint64_t next_progress; /* in bytes; doubles each time, so that a long text causes few chunks */
} counting;

/* Drops a progress chunk if there is no room, since the next one replaces it. Content would have to wait for room. */
static int32_t show_progress(counting *work) {
  char chunk[1024];
  int32_t status;
  count_to_json(&work->count, chunk, sizeof chunk);
  work->next_progress *= 2;
  status = aisopod_emit(work->host, work->request->invocation, AISOPOD_TAG_NONE, chunk, strlen(chunk));
  return status == AISOPOD_E_FULL ? AISOPOD_OK : status;
}

static int32_t take_block(counting *work, const char *block, size_t length) {
  if (aisopod_cancelled(work->request)) return AISOPOD_E_CANCELLED;
  count_text(&work->count, block, length);
  return work->count.bytes < work->next_progress ? AISOPOD_OK : show_progress(work);
}

static int32_t count_string(counting *work, aisopod_json value, aisopod_reply *reply) {
  char *text = (char *)malloc(value.length);
  size_t length;
  size_t at;
  int32_t status = AISOPOD_OK;
  if (text == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  aisopod_json_decode(value, text, value.length, &length);
  for (at = 0; at < length && status > 0; at += BLOCK)
    status = take_block(work, text + at, length - at < BLOCK ? length - at : BLOCK);
  free(text);
  return status > 0 ? status : aisopod_fail(reply, status, "stopped before the end of the text");
}

/* A bare name, so that the path cannot leave the folder. */
static int is_bare_name(const char *name) { return name[0] != '\0' && name[0] != '.' && strpbrk(name, "/\\:") == NULL; }

static int32_t read_blocks(counting *work, FILE *file, aisopod_reply *reply) {
  char block[BLOCK];
  size_t length;
  while ((length = fread(block, 1, sizeof block, file)) > 0) {
    int32_t status = take_block(work, block, length);
    if (status < 0) return aisopod_fail(reply, status, "stopped before the end of the file");
  }
  return ferror(file) ? aisopod_fail(reply, AISOPOD_E_FAILED, "the file could not be read completely") : AISOPOD_OK;
}

/* Paths in the ABI are UTF-8; on Windows fopen expects another encoding. */
static FILE *open_to_read(const char *path) {
#if defined(_WIN32)
  wchar_t wide[PATH_ROOM];
  return MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, PATH_ROOM) == 0 ? NULL : _wfopen(wide, L"rb");
#else
  return fopen(path, "rb");
#endif
}

static int32_t count_file(counting *work, const char *folder, aisopod_json value, aisopod_reply *reply) {
  char name[256];
  char path[PATH_ROOM];
  FILE *file;
  int32_t status;
  if (!aisopod_json_text(value, name, sizeof name))
    return aisopod_fail(reply, AISOPOD_E_INVALID, "the file's name is too long, or contains a NUL");
  if (!is_bare_name(name))
    return aisopod_fail(reply, AISOPOD_E_DENIED, "file must be the name of a file in the plugin's folder");
  if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
    return aisopod_fail(reply, AISOPOD_E_INVALID, "the path is too long");
  file = open_to_read(path);
  if (file == NULL) return aisopod_fail(reply, AISOPOD_E_NOT_FOUND, "there is no such file in the plugin's folder");
  status = read_blocks(work, file, reply);
  fclose(file);
  return status;
}

int32_t word_stats_call(void *data, const aisopod_request *request, aisopod_reply *reply) {
  const word_stats *self = (const word_stats *)data;
  aisopod_json parameters = aisopod_json_parse(request->input, request->input_length);
  aisopod_json text = aisopod_json_member(parameters, "text");
  aisopod_json file = aisopod_json_member(parameters, "file");
  char result[1024];
  counting work;
  int32_t status;
  if (strcmp(request->method, "call") != 0)
    return aisopod_fail(reply, AISOPOD_E_UNSUPPORTED, "a tool supports only the method call");
  memset(&work, 0, sizeof work);
  work.host = self->host;
  work.request = request;
  work.next_progress = BLOCK;
  /* The host checks the parameters against the schema, but callers can bypass that with callRaw. */
  if (aisopod_json_type_of(text) == AISOPOD_JSON_STRING) status = count_string(&work, text, reply);
  else if (aisopod_json_type_of(file) == AISOPOD_JSON_STRING) status = count_file(&work, self->folder, file, reply);
  else return aisopod_fail(reply, AISOPOD_E_INVALID, "expected text or file");
  if (status < 0) return status;
  count_end(&work.count);
  count_to_json(&work.count, result, sizeof result);
  return aisopod_reply_json(reply, result);
}
