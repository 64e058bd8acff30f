/* The note and the function say ABI version 99, so the host can refuse it before it opens the library. */
#include "stub.h"

#undef AISOPOD_ABI_VERSION
#define AISOPOD_ABI_VERSION 99u
AISOPOD_DEFINE_ABI();

STUB_CREATE(stub_register, stub_init, stub_shutdown);
