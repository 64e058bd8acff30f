/*
 * What the libstdc++ and libgcc_s of Debian need from glibc, on musl. It is built as ld-linux-x86-64.so.2, which both name as a
 * dependency, so that musl's loader finds these symbols with it, and Node before musl's C library, whose locales libstdc++ cannot
 * use. Only for the Node of scripts/platforms/musl.mjs.
 */
#define _GNU_SOURCE
#include <link.h>
#include <locale.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

char __libc_single_threaded = 0;

/* Destructors of thread-local objects: at the end of the program for its first thread, at the end of the thread for the others. */
int __cxa_atexit(void (*function)(void *), void *argument, void *library);

struct destructor {
  void (*function)(void *);
  void *argument;
  struct destructor *next;
};
static pthread_key_t destructors;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void run_destructors(void *list) {
  for (struct destructor *each = list; each != NULL;) {
    struct destructor *next = each->next;
    each->function(each->argument);
    free(each);
    each = next;
  }
}
static void make_key(void) { pthread_key_create(&destructors, run_destructors); }

int __cxa_thread_atexit_impl(void (*function)(void *), void *argument, void *library) {
  struct destructor *each;
  if (getpid() == gettid()) return __cxa_atexit(function, argument, library);
  pthread_once(&once, make_key);
  each = malloc(sizeof *each);
  if (each == NULL) return -1;
  *each = (struct destructor){function, argument, pthread_getspecific(destructors)};
  return pthread_setspecific(destructors, each);
}

uint32_t arc4random(void) {
  uint32_t value = 0;
  (void)!getrandom(&value, sizeof value, 0);
  return value;
}

size_t __strftime_l(char *text, size_t size, const char *format, const struct tm *time, locale_t locale) {
  return strftime_l(text, size, format, time, locale);
}
unsigned long __isoc23_strtoul(const char *text, char **end, int base) { return strtoul(text, end, base); }
long double strtof128(const char *text, char **end) { return strtold(text, end); }
int strfromf128(char *text, size_t size, const char *format, ...) {
  (void)format;
  if (size > 0) *text = '\0';
  return 0;
}

/* A locale with the tables of characters where libstdc++ reads them in one of glibc; its beginning is one of musl. */
struct glibc_locale {
  void *categories[13];
  const unsigned short *classes;
  const int32_t *lower, *upper;
  const char *names[13];
};
const unsigned short **__ctype_b_loc(void);
const int32_t **__ctype_tolower_loc(void);
const int32_t **__ctype_toupper_loc(void);

static locale_t with_tables(locale_t locale) {
  enum { CATEGORIES_OF_MUSL = 6 };
  struct glibc_locale *result = locale == NULL ? NULL : calloc(1, sizeof *result);
  if (result == NULL) return NULL;
  memcpy(result->categories, locale, CATEGORIES_OF_MUSL * sizeof(void *));
  result->classes = *__ctype_b_loc();
  result->lower = *__ctype_tolower_loc();
  result->upper = *__ctype_toupper_loc();
  return (locale_t)result;
}
locale_t __newlocale(int mask, const char *name, locale_t base) { return with_tables(newlocale(mask, name, base)); }
locale_t __duplocale(locale_t locale) { return with_tables(locale); }

/* What code of gcc asks about the processor. All zeros: nothing beyond x86-64. */
struct {
  unsigned vendor, type, subtype, features[1];
} __cpu_model;
int __cpu_indicator_init(void) { return 0; }

/* glibc's struct dl_find_object, by which exceptions are unwound. */
struct found_object {
  unsigned long long flags;
  void *map_start, *map_end;
  struct link_map *link_map;
  void *eh_frame;
  unsigned long long reserved[7];
};
struct search {
  uintptr_t address;
  struct found_object *result;
  int is_found;
};

static int look(struct dl_phdr_info *info, size_t size, void *data) {
  struct search *search = data;
  uintptr_t low = UINTPTR_MAX, high = 0;
  void *eh_frame = NULL;
  int is_inside = 0;
  (void)size;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[i];
    uintptr_t start = info->dlpi_addr + header->p_vaddr, end = start + header->p_memsz;
    if (header->p_type == PT_GNU_EH_FRAME) eh_frame = (void *)start;
    if (header->p_type != PT_LOAD) continue;
    if (search->address >= start && search->address < end) is_inside = 1;
    if (start < low) low = start;
    if (end > high) high = end;
  }
  if (!is_inside || eh_frame == NULL) return is_inside;
  *search->result = (struct found_object){.map_start = (void *)low, .map_end = (void *)high, .eh_frame = eh_frame};
  search->is_found = 1;
  return 1;
}

int _dl_find_object(void *address, struct found_object *result) {
  struct search search = {(uintptr_t)address, result, 0};
  dl_iterate_phdr(look, &search);
  return search.is_found ? 0 : -1;
}
