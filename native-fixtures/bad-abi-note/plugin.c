/* The note and the function say that the ABI version is 99: the host can know before it opens the library. */
#include "stub.h"

#undef AISOPOD_ABI_VERSION
#define AISOPOD_ABI_VERSION 99u
AISOPOD_DEFINE_ABI();

STUB_CREATE(stub_register, stub_init, stub_shutdown);
