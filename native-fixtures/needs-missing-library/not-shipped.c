/* The library that is left in the build folder. */
#include <aisopod/plugin.h>

AISOPOD_EXPORT int32_t not_shipped(void);
AISOPOD_EXPORT int32_t not_shipped(void) { return AISOPOD_OK; }
