/* Nothing is wrong here; the manifest's entry_point says liblib-prefix. */
#include "stub.h"

AISOPOD_DEFINE_ABI();

STUB_CREATE(stub_register, stub_init, stub_shutdown);
