/* aisopod_plugin_abi_version is not there, nor is the note. */
#include "stub.h"

STUB_CREATE(stub_register, stub_init, stub_shutdown);
