/* No note; only the function says that the ABI version is 99. */
#include "stub.h"

AISOPOD_EXPORT uint32_t aisopod_plugin_abi_version(void) { return 99; }

STUB_CREATE(stub_register, stub_init, stub_shutdown);
