/* Writes lines to a file for a test to read, if no call can report what happens. */
#ifndef FIXTURE_WITNESS_H
#define FIXTURE_WITNESS_H

#include <stdio.h>
#include <stdlib.h>

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#endif

/* The file's path, from the environment; false if the variable is not set. */
static inline int witness_path(const char *variable, char *path, size_t capacity) {
#if defined(_WIN32)
  /* getenv would see the environment as it was when the C runtime started. */
  DWORD length = GetEnvironmentVariableA(variable, path, (DWORD)capacity);
  return length > 0 && length < capacity;
#else
  const char *value = getenv(variable);
  if (value == NULL) return 0;
  snprintf(path, capacity, "%s", value);
  return 1;
#endif
}

/* Appends a line to the file named by the environment variable, if it is set. */
static inline void witness(const char *variable, const char *line) {
  char path[4096];
  FILE *file;
  if (!witness_path(variable, path, sizeof path)) return;
  file = fopen(path, "ab");
  if (file == NULL) return;
  fprintf(file, "%s\n", line);
  fclose(file);
}

#endif
