/* SPDX-License-Identifier: Apache-2.0 */
/* Compares a graph with the one that real TensorFlow built: tests/golden/graphs/NAME.txt. */
#ifndef EK_TESTS_GOLDEN_H
#define EK_TESTS_GOLDEN_H

#include "graph/dump.h"

/* variable NAME INIT DTYPE[SHAPE]:VALUES [@NODE], as the four nodes that it stands for. */
static inline void golden_variable(text *t, const char *line) {
  char name[256], init[64], node[256] = "", dtype[32], shape[64];
  char *value = malloc(strlen(line) + 1);
  assert_non_null(value);
  assert_in_range(sscanf(line, "variable %255s %63s %s @%255s", name, init, value, node), 3, 4);
  assert_int_equal(sscanf(value, "%31[a-z0-9]%63[][0-9,]", dtype, shape), 2);
  if (*node == '\0') (void)snprintf(node, sizeof node, "%s", name);
  const bool plain = strcmp(dtype, "float32") == 0;
  char kind[64] = "";
  if (!plain) (void)snprintf(kind, sizeof kind, "T=%s ", dtype);
  text_printf(t, "%s/Initializer/%s Const() {_class=@%s value=tensor:", name, init, node);
  text_printf(t, "%s}\n", value);
  text_printf(t, "%s VariableV2() {_class=@%s dtype=%s shape=shape:%s}\n", name, node, dtype, shape);
  text_printf(t, "%s/Assign Assign(%s, ./Initializer/%s) {%s_class=@%s use_locking=b:true validate_shape=b:true}\n",
              name, name, init, kind, node);
  text_printf(t, "%s/read Identity(%s) {%s_class=@%s}\n", name, name, kind, node);
  free(value);
}

static inline char *golden_graph(const char *name) {
  char path[512], *line = NULL;
  size_t capacity = 0;
  text t = {0};
  (void)snprintf(path, sizeof path, "%s/tests/golden/graphs/%s.txt", EK_SOURCE_DIR, name);
  FILE *f = fopen(path, "r");
  if (f == NULL) fail_msg("%s: cannot be opened", path);
  text_add(&t, "");
  while (getline(&line, &capacity, f) > 0) {
    if (strncmp(line, "variable ", strlen("variable ")) == 0)
      golden_variable(&t, line);
    else
      text_add(&t, line);
  }
  free(line);
  (void)fclose(f);
  return t.data;
}

/* Fails with the first line that differs; our whole text is left in NAME.txt of the tests' temporary folder. */
static inline void check_golden(const ek_graph *g, const char *name) {
  ek_status st;
  if (ek_graph_status(g, &st) != EK_OK) fail_msg("%s: %s", name, st.msg);
  char *ours = dump_graph(g), *theirs = golden_graph(name);
  if (strcmp(ours, theirs) != 0) {
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s.txt", EK_TEST_TMP, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    (void)fputs(ours, f);
    (void)fclose(f);
    const char *a = ours, *b = theirs;
    int line = 1;
    while (strcspn(a, "\n") == strcspn(b, "\n") && strncmp(a, b, strcspn(a, "\n") + 1) == 0) {
      a += strcspn(a, "\n") + 1;
      b += strcspn(b, "\n") + 1;
      line++;
    }
    fail_msg("%s, line %d (ours in %s):\n  ours    %.*s\n  theirs  %.*s", name, line, path, (int)strcspn(a, "\n"), a,
             (int)strcspn(b, "\n"), b);
  }
  free(ours);
  free(theirs);
}

/* ---- short words for the cases */

static inline ek_out op_of(ek_graph *g, const char *type, ek_outs inputs) {
  return ek_op_output(ek_build(g, type, inputs, EK_NO_ATTRS), 0);
}
#define OP(g_, type_, ...) op_of((g_), (type_), EK_OUTS(__VA_ARGS__))
static inline ek_out identity_of(ek_graph *g, const char *name, ek_out x) {
  return OP(ek_named(g, name), "Identity", x);
}

/* A case builds its graph; its name is that of the golden. */
typedef void (*golden_case)(ek_graph *g);
static inline void run_case(const char *name, golden_case build) {
  ek_graph *g = ek_graph_new(NULL);
  build(g);
  check_golden(g, name);
  ek_graph_free(g);
}
#define GOLDEN_TEST(name_)                                                                                             \
  static void test_##name_(void **state) {                                                                             \
    (void)state;                                                                                                       \
    run_case(#name_, name_);                                                                                           \
  }

#endif
