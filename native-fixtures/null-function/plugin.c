/* init, a required function, is NULL. */
#include "stub.h"

AISOPOD_DEFINE_ABI();

STUB_CREATE(stub_register, NULL, stub_shutdown);
