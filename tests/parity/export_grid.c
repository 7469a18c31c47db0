/* SPDX-License-Identifier: Apache-2.0 */
/* The networks of grid.txt, trained and left for run.py: those whose names begin as an argument says, or, without
 * arguments, the short form's (grid.py's SHORT). */
#include "parity/export.h"
#include "parity/grid.h"

#include <sys/stat.h>

static void export_network(void **state) {
  const grid_network *n = *state;
  ek_graph *g = ek_graph_new(NULL);
  grid_build(g, n);
  export_graph(n->name, g, STEPS, 10.0 + n->n);
}

static bool wanted(const char *name, int argc, char **argv) {
  static const char *const few[] = {"grid_layers_float32_rank2_0", "grid_slim_float32_rank4_1",
                                    "grid_each_float64_rank3", "grid_fused_float16"};
  bool any = false;
  if (strcmp(name, "grid_slim_bfloat16_rank5_0") == 0) return false; /* grid.py's cases() says why */
  for (int i = 1; i < argc; i++) any |= strncmp(name, argv[i], strlen(argv[i])) == 0;
  for (size_t i = 0; argc == 1 && i < sizeof few / sizeof few[0]; i++)
    any |= strncmp(name, few[i], strlen(few[i])) == 0;
  return any;
}

int main(int argc, char **argv) {
  static grid all;
  static struct CMUnitTest tests[GRID_MAX_NETWORKS];
  size_t n = 0;
  grid_read(&all);
  for (int i = 0; i < all.n; i++)
    if (wanted(all.at[i].name, argc, argv))
      tests[n++] =
          (struct CMUnitTest){.name = all.at[i].name, .test_func = export_network, .initial_state = &all.at[i]};
  (void)mkdir(export_folder, 0777);
  const int failed = _cmocka_run_group_tests("export_grid", tests, n, NULL, NULL);
  grid_free(&all);
  return failed;
}
