/* Functions that Node exports too. The bodies differ; the signatures make a call of Node's function harmless. */
#ifndef NAMES_H
#define NAMES_H

#include <aisopod/plugin.h>

AISOPOD_EXPORT int deflate(void *stream, int flush);
AISOPOD_EXPORT unsigned long crc32(unsigned long crc, const unsigned char *bytes, unsigned length);
AISOPOD_EXPORT unsigned uv_version(void);
AISOPOD_EXPORT void *SSL_new(void *context);

#define OWN_NUMBER 4711

#endif
