/* Exports neither aisopod_plugin_abi_version nor the note. */
#include "stub.h"

STUB_CREATE(stub_register, stub_init, stub_shutdown);
