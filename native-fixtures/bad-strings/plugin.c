/* The id is not UTF-8. */
#include "stub.h"

AISOPOD_DEFINE_ABI();

#undef FIXTURE_ID
#define FIXTURE_ID "bad-\xff\xfe"
STUB_CREATE(stub_register, stub_init, stub_shutdown);
