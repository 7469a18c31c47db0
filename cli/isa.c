/* SPDX-License-Identifier: Apache-2.0 */
/* The instruction set that EK_ISA asks for. */
#include "cli.h"

#include <stdlib.h>

const ek_kernels *kernels_here(const char *what) {
  const ek_kernels *kernels = NULL;
  if (ek_kernels_get(NULL, &kernels) == EK_KERNELS_OK) return kernels;
  char *usable = textf("%s", "");
  for (int i = 0; ek_kernels_list(i) != NULL; i++) {
    const ek_kernels *one = NULL;
    if (ek_kernels_get(ek_kernels_list(i), &one) != EK_KERNELS_OK) continue;
    char *longer = textf("%s%s%s", usable, *usable != '\0' ? "|" : "", ek_kernels_list(i));
    free(usable);
    usable = longer;
  }
  (void)failf(what, "EK_ISA", "it is '%s', here it must be one of %s", getenv("EK_ISA"), usable);
  free(usable);
  return NULL;
}
