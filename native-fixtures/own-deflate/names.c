/* In a separate file, so that calls go through the symbol table and the loader chooses the function. */
#include "names.h"

int deflate(void *stream, int flush) {
  (void)stream;
  (void)flush;
  return OWN_NUMBER;
}

unsigned long crc32(unsigned long crc, const unsigned char *bytes, unsigned length) {
  (void)crc;
  (void)bytes;
  (void)length;
  return OWN_NUMBER;
}

unsigned uv_version(void) { return OWN_NUMBER; }

void *SSL_new(void *context) {
  static char own;
  (void)context;
  return &own;
}
