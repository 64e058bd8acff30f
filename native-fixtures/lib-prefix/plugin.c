/* Nothing is wrong here; the entry_point in the manifest is liblib-prefix. */
#include "stub.h"

AISOPOD_DEFINE_ABI();

STUB_CREATE(stub_register, stub_init, stub_shutdown);
