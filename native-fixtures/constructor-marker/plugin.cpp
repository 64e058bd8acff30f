// A static constructor writes a line to the file named by AISOPOD_FIXTURE_MARKER: the library was opened.
#include "stub.h"
#include "witness.h"

#ifdef FIXTURE_ABI
#undef AISOPOD_ABI_VERSION
#define AISOPOD_ABI_VERSION FIXTURE_ABI
#endif
AISOPOD_DEFINE_ABI();

namespace {
struct Marker {
  Marker() { witness("AISOPOD_FIXTURE_MARKER", "constructor"); }
} marker;
}

STUB_CREATE(stub_register, stub_init, stub_shutdown);
