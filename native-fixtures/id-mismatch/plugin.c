/* The id is not the one in the manifest. */
#include "stub.h"

AISOPOD_DEFINE_ABI();

#undef FIXTURE_ID
#define FIXTURE_ID "someone-else"
STUB_CREATE(stub_register, stub_init, stub_shutdown);
