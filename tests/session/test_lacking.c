/* SPDX-License-Identifier: Apache-2.0 */
/* Ops that we do not have are an error where a run needs them, and only there. */
#include "evenkeel/formats.h"
#include "evenkeel/session.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

#define FLOAT "attr { key: 'T' value { type: DT_FLOAT } }"
#define BOOL  "attr { key: 'dtype' value { type: DT_BOOL } }"

/* x if the flag is false; else what an op that we lack makes of it; and such an op that only something waits for. */
static const char both[] =
    "node { name: 'x' op: 'Const' attr { key: 'dtype' value { type: DT_FLOAT } } attr { key: 'value' value {"
    "  tensor { dtype: DT_FLOAT tensor_shape { } float_val: 2 } } } }"
    "node { name: 'flag' op: 'Placeholder' " BOOL "}"
    "node { name: 's' op: 'Switch' input: 'x' input: 'flag' " FLOAT "}"
    "node { name: 'f' op: 'Identity' input: 's' " FLOAT "}"
    "node { name: 't' op: 'QueueDequeueV2' input: 's:1' }"
    "node { name: 'seen' op: 'WriteSummary' input: 't' }"
    "node { name: 'after' op: 'Identity' input: 's:1' input: '^seen' " FLOAT "}"
    "node { name: 'm' op: 'Merge' input: 'f' input: 't' " FLOAT "attr { key: 'N' value { i: 2 } } }"
    "node { name: 'w' op: 'Merge' input: 'f' input: 'after' " FLOAT "attr { key: 'N' value { i: 2 } } }"
    "node { name: 'twice' op: 'Add' input: 'm' input: 'm' " FLOAT "}"
    "node { name: 'outside' op: 'QueueDequeueV2' input: 'x' }"
    "node { name: 'y' op: 'Neg' input: 'outside' " FLOAT "}";

static ek_session *session_of(const char *text, ek_graph **g) {
  static const char path[] = EK_TEST_TMP "/lacking.pbtxt";
  ek_status st = EK_STATUS_INIT;
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
  assert_int_equal(fclose(f), 0);
  *g = ek_graph_new(NULL);
  if (ek_import_graph_def(*g, path, NULL, &st) != EK_OK) fail_msg("%s", st.msg);
  ek_session *s = ek_session_new(*g, NULL, &st);
  assert_non_null(s);
  return s;
}

static void expect(ek_session *s, const char *fetch, bool flag, double number, const char *lacking) {
  ek_status st = EK_STATUS_INIT;
  ek_tensor *value = ek_tensor_bool(flag, NULL), *out = NULL;
  const ek_code code =
      ek_session_run(s, &EK_FEED_NAME("flag", value), 1, &EK_FETCH_NAME(fetch), 1, &out, NULL, 0, NULL, &st);
  if (lacking == NULL && code != EK_OK) fail_msg("%s: %s", fetch, st.msg);
  if (lacking == NULL) assert_true(ek_tensor_number(out, 0) == number);
  if (lacking != NULL) assert_int_equal(code, EK_UNIMPLEMENTED);
  if (lacking != NULL && strstr(st.msg, lacking) == NULL) fail_msg("'%s' does not say '%s'", st.msg, lacking);
  ek_tensor_free(out);
  ek_tensor_free(value);
}

static void in_a_branch(void **state) {
  (void)state;
  ek_graph *g = NULL;
  ek_session *s = session_of(both, &g);
  for (int again = 0; again < 2; again++) { /* the plan stays good for the other branch */
    expect(s, "twice", false, 4.0, NULL);
    expect(s, "w", false, 2.0, NULL);
    expect(s, "twice", true, 0.0,
           "QueueDequeueV2 't': op type QueueDequeueV2 is not registered, and this run needs it");
    expect(s, "w", true, 0.0, "QueueDequeueV2 't'");
  }
  expect(s, "y", false, 0.0, "QueueDequeueV2 'outside'");
  ek_session_free(s);
  ek_graph_free(g);
}

static void fed_instead(void **state) {
  (void)state;
  ek_graph *g = NULL;
  ek_session *s = session_of(both, &g);
  ek_status st = EK_STATUS_INIT;
  ek_tensor *yes = ek_tensor_bool(true, NULL), *three = ek_tensor_float32(3.0f, NULL), *out = NULL;
  const ek_feed feeds[] = {EK_FEED_NAME("flag", yes), EK_FEED_NAME("t", three)};
  if (ek_session_run(s, feeds, 2, &EK_FETCH_NAME("twice"), 1, &out, NULL, 0, NULL, &st) != EK_OK)
    fail_msg("%s", st.msg);
  assert_true(ek_tensor_number(out, 0) == 6.0);
  ek_tensor_free(out), ek_tensor_free(yes), ek_tensor_free(three);
  ek_session_free(s);
  ek_graph_free(g);
}

/* The queue stands outside; only the branch that takes from it needs it. */
static const char queues[] =
    "node { name: 'flag' op: 'Placeholder' " BOOL "}"
    "node { name: 'x' op: 'Const' attr { key: 'dtype' value { type: DT_FLOAT } } attr { key: 'value' value {"
    "  tensor { dtype: DT_FLOAT tensor_shape { } float_val: 2 } } } }"
    "node { name: 'queue' op: 'FIFOQueueV2' }"
    "node { name: 'q' op: 'Switch' input: 'queue' input: 'flag' attr { key: 'T' value { type: DT_RESOURCE } } }"
    "node { name: 't' op: 'QueueDequeueV2' input: 'q:1' }"
    "node { name: 's' op: 'Switch' input: 'x' input: 'flag' " FLOAT "}"
    "node { name: 'f' op: 'Identity' input: 's' " FLOAT "}"
    "node { name: 'm' op: 'Merge' input: 'f' input: 't' " FLOAT "attr { key: 'N' value { i: 2 } } }"
    "node { name: 'filled' op: 'QueueEnqueueV2' input: 'queue' input: 'x' }"
    "node { name: 'waits' op: 'Identity' input: 'm' input: '^filled' " FLOAT "}";

static void a_queue_outside(void **state) {
  (void)state;
  ek_graph *g = NULL;
  ek_session *s = session_of(queues, &g);
  expect(s, "m", false, 2.0, NULL);
  expect(s, "m", true, 0.0, "FIFOQueueV2 'queue'");
  expect(s, "m", false, 2.0, NULL);
  expect(s, "waits", false, 0.0, "QueueEnqueueV2 'filled'");
  ek_session_free(s);
  ek_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(in_a_branch),
      cmocka_unit_test(fed_instead),
      cmocka_unit_test(a_queue_outside),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
