/* SPDX-License-Identifier: Apache-2.0 */
/* Which instruction set runs. The choice of ek_kernels_get(NULL) is one atomic pointer, written once: threads that race
 * to make it compute the same value. */
#include "kernels/table.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define EK_ISA(name) extern const ek_kernels ek__kernels_##name;
#include "kernels/isa/isa.def"

#define EK_ISA(name) &ek__kernels_##name,
static const ek_kernels *const sets[] = {
#include "kernels/isa/isa.def"
};
enum { SETS = sizeof sets / sizeof sets[0] };

static const ek_kernels *find(const char *isa) {
  for (int i = 0; i < SETS; i++)
    if (isa == NULL ? sets[i]->usable() : strcmp(sets[i]->name, isa) == 0) return sets[i];
  return NULL;
}

ek_kernels_code ek_kernels_get(const char *isa, const ek_kernels **out) {
  static _Atomic(const ek_kernels *) chosen;
  if (out == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  const ek_kernels *found = isa == NULL ? atomic_load_explicit(&chosen, memory_order_acquire) : NULL;
  if (found == NULL) {
    const char *const env = isa == NULL ? getenv("EK_ISA") : isa;
    found = find(isa == NULL && env != NULL && env[0] == '\0' ? NULL : env);
    if (found == NULL || !found->usable()) return EK_KERNELS_NO_ISA;
    if (isa == NULL) atomic_store_explicit(&chosen, found, memory_order_release);
  }
  *out = found;
  return EK_KERNELS_OK;
}

const char *ek_kernels_name(const ek_kernels *kernels) { return kernels == NULL ? NULL : kernels->name; }

const char *ek_kernels_list(int i) { return i < 0 || i >= SETS ? NULL : sets[i]->name; }

const char *ek_kernels_code_name(ek_kernels_code code) {
  switch (code) {
  case EK_KERNELS_OK: return "ok";
  case EK_KERNELS_INVALID_ARGUMENT: return "invalid argument";
  case EK_KERNELS_OVERLAP: return "arrays overlap";
  case EK_KERNELS_WORKSPACE: return "workspace too small";
  case EK_KERNELS_NO_ISA: return "instruction set not available";
  }
  return "unknown code";
}
