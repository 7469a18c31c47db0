/* SPDX-License-Identifier: Apache-2.0 */
/* Every network of tests/parity/grid.txt is, node by node, the graph that TensorFlow builds: the checksum of its text
 * is that of theirs. Where it is not, our text is left in NAME.txt of the tests' temporary folder, and
 * `tests/parity/grid.py NAME` prints TensorFlow's. */
#include "graph/dump.h"
#include "parity/grid.h"

static uint32_t crc32_of(const char *s) {
  uint32_t crc = UINT32_MAX;
  for (; *s != '\0'; s++) {
    crc ^= (uint8_t)*s;
    for (int i = 0; i < 8; i++) crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320u : 0);
  }
  return ~crc;
}

static void same_graph(void **state) {
  const grid_network *n = *state;
  ek_status st = EK_STATUS_INIT;
  ek_graph *g = ek_graph_new(NULL);
  grid_build(g, n);
  if (ek_graph_status(g, &st) != EK_OK) fail_msg("%s: %s", n->name, st.msg);
  char *ours = dump_graph(g);
  const uint32_t crc = crc32_of(ours);
  if (crc != n->crc) {
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s.txt", EK_TEST_TMP, n->name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    (void)fputs(ours, f);
    (void)fclose(f);
    fail_msg("%s: the graph (%s) is not TensorFlow's: crc32 %08x, not %08x", n->name, path, crc, n->crc);
  }
  free(ours);
  ek_graph_free(g);
}

int main(void) {
  static grid all;
  static struct CMUnitTest tests[GRID_MAX_NETWORKS];
  grid_read(&all);
  for (int i = 0; i < all.n; i++)
    tests[i] = (struct CMUnitTest){.name = all.at[i].name, .test_func = same_graph, .initial_state = &all.at[i]};
  const int failed = _cmocka_run_group_tests("grid", tests, (size_t)all.n, NULL, NULL);
  grid_free(&all);
  return failed;
}
