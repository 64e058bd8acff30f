/** The function in the library of `GATE_SOURCE`, which has the signature of `invoke`. Its `data` is a `struct gate`. */
export const GATE_FUNCTION = 'aisopod_gate_invoke';

/**
 * C: lets calls in together, as soon as enough have arrived. No lock follows the arrival, because a lock puts calls in an order, and
 * ThreadSanitizer reports only what is in none. It is built without ThreadSanitizer, for which the counter would be such an order too.
 */
export const GATE_SOURCE = `#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct gate {
  uint32_t *arrived;
  uint64_t count;
  int32_t (*invoke)(void *data, const void *request, void *reply);
  void *data;
};

int32_t ${GATE_FUNCTION}(void *memory, const void *request, void *reply) {
  const struct gate *gate = (const struct gate *)memory;
  const uint32_t count = (uint32_t)gate->count;
  const uint32_t ticket = __atomic_fetch_add(gate->arrived, 1, __ATOMIC_RELAXED);
  const uint32_t awaited = (ticket / count + 1) * count;
  const struct timespec pause = {0, 100000};
  struct timespec now;
  time_t last; /* some may never come */
  clock_gettime(CLOCK_MONOTONIC, &now);
  last = now.tv_sec + 1;
  while (now.tv_sec <= last && __atomic_load_n(gate->arrived, __ATOMIC_RELAXED) < awaited) {
    syscall(SYS_nanosleep, &pause, NULL); /* not nanosleep(), which ThreadSanitizer names in its reports */
    clock_gettime(CLOCK_MONOTONIC, &now);
  }
  return gate->invoke(gate->data, request, reply);
}
`;
