/* Has no note; only the function says ABI version 99. */
#include "stub.h"

AISOPOD_EXPORT uint32_t aisopod_plugin_abi_version(void) { return 99; }

STUB_CREATE(stub_register, stub_init, stub_shutdown);
