/* SPDX-License-Identifier: Apache-2.0 */
/* One thread or several? Both give the same bits, so what was faster lately may decide: where other programs hold the
 * cores, a parallel region waits for a thread that is not scheduled, a thousand times longer than the work takes. */
#ifndef EK_OPS_CHOICE_H
#define EK_OPS_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ek__choice {
  double ns[2];      /* of one thread, of several: running means; 0: not tried */
  uint32_t calls;    /* since the last look at the loser */
  uint32_t interval; /* calls between such looks; grows while the loser goes on losing */
  bool trying;       /* this call is such a look */
} ek__choice;

/* Before the work: true for several threads. */
bool ek__choice_begin(ek__choice *c, int64_t *start_ns);
/* After it. */
void ek__choice_end(ek__choice *c, bool several, int64_t start_ns);

#endif
