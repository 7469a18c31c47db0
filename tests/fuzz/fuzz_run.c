/* SPDX-License-Identifier: Apache-2.0 */
/* GraphDefs in text form, imported, planned and run. */
#include "run_graph.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ek_graph *g = fuzz_graph();
  if (size > 1 << 16 || ek_import_graph_def(g, fuzz_file(data, size, ".pbtxt"), NULL, NULL) != EK_OK) {
    ek_graph_free(g);
    FUZZ_CHECK(fuzz_memory_used == 0);
  } else {
    fuzz_run_graph(g);
  }
  return 0;
}
