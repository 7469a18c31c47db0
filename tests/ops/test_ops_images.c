/* SPDX-License-Identifier: Apache-2.0 */
/* Convolution, pooling, resizing and what else is done to images, against TensorFlow's numbers:
 * tests/golden/numbers/images.npz, whose members say which op with which attributes (numbers_images.py). */
#include "evenkeel/io.h"
#include "ops/build.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAX_CASES = 256, MAX_NUMBERS = 16, CASE_NAME = 256 };

/* Sums of a few dozen products of numbers around 1, in another order. */
#define RELATIVE 2e-6
#define ABSOLUTE 4e-6

typedef struct parsed {
  char op[64], text[8][64];
  int64_t numbers[8][MAX_NUMBERS];
  ek_attr attrs[8];
  int n;
} parsed;

/* KEY=VALUE, by the look of VALUE: 1x2 a list, 3 an int, 0.5 a float, True a flag, else a string. */
static void parse_attribute(parsed *p, const char *word) {
  char *text = p->text[p->n];
  int64_t *numbers = p->numbers[p->n];
  (void)snprintf(text, sizeof p->text[0], "%s", word);
  char *value = strchr(text, '=');
  assert_non_null(value);
  *value++ = '\0';
  ek_attr *a = &p->attrs[p->n++];
  const size_t digits = strspn(value, "-0123456789");
  if (strcmp(value, "True") == 0 || strcmp(value, "False") == 0) {
    *a = EK_BOOL_ATTR(text, value[0] == 'T');
  } else if (digits == 0) {
    *a = EK_STRING_ATTR(text, value);
  } else if (value[digits] == '\0') {
    *a = EK_INT_ATTR(text, strtoll(value, NULL, 10));
  } else if (value[digits] != 'x') {
    *a = EK_FLOAT_ATTR(text, strtod(value, NULL));
  } else {
    int n = 0;
    for (char *at = value; n < MAX_NUMBERS; at++) {
      numbers[n++] = strtoll(at, &at, 10);
      if (*at != 'x') break;
    }
    *a = EK_INTS_ATTR(text, numbers, n);
  }
}

static void parse(parsed *p, const char *name) {
  char words[CASE_NAME];
  p->n = 0;
  (void)snprintf(words, sizeof words, "%s", name);
  char *rest = NULL, *word = strtok_r(words, " ", &rest);
  (void)snprintf(p->op, sizeof p->op, "%s", word);
  while ((word = strtok_r(NULL, " ", &rest)) != NULL) parse_attribute(p, word);
}

static ek_tensor *member(ek_npz *z, const char *name, const char *what) {
  char path[CASE_NAME + 16];
  (void)snprintf(path, sizeof path, "%s/%s", name, what);
  return ek_npz_get(z, path, NULL);
}

/* EXPLICIT windows of ops that have no such attribute in TensorFlow 1.15 come in with files only. */
static bool from_file_only(const parsed *p, const ek_attr *a) {
  return strcmp(a->name, "explicit_paddings") == 0 && strncmp(p->op, "Conv2D", 6) != 0;
}

static void image_case(void **state) {
  const char *name = *state;
  ek_status st = EK_STATUS_INIT;
  ek_npz *z = ek_npz_open(EK_SOURCE_DIR "/tests/golden/numbers/images.npz", &st);
  if (z == NULL) fail_msg("%s", st.msg);
  parsed p;
  parse(&p, name);
  ek_tensor *in[OP_TEST_INS];
  int n = 0;
  for (; n < OP_TEST_INS; n++) {
    char what[16];
    (void)snprintf(what, sizeof what, "in/%d", n);
    in[n] = member(z, name, what);
    if (in[n] == NULL) break;
  }
  ek_attr attrs[8];
  int n_attrs = 0;
  for (int i = 0; i < p.n; i++)
    if (!from_file_only(&p, &p.attrs[i]) && strcmp(p.attrs[i].name, "case") != 0) attrs[n_attrs++] = p.attrs[i];
  op_test t = op_make(p.op, in, n, attrs, n_attrs);
  if (t.st.code != EK_OK) fail_msg("%s", t.st.msg);
  if (op_run(&t) != EK_OK) fail_msg("%s", t.st.msg);
  ek_tensor *want = member(z, name, "out");
  op_compare(name, t.out[0], want, RELATIVE, ABSOLUTE);
  ek_tensor_free(want);
  op_end(&t);
  ek_npz_close(z);
}

int main(void) {
  static char names[MAX_CASES][CASE_NAME];
  static struct CMUnitTest tests[MAX_CASES];
  size_t count = 0;
  ek_npz *z = ek_npz_open(EK_SOURCE_DIR "/tests/golden/numbers/images.npz", NULL);
  for (int i = 0; z != NULL && i < ek_npz_num_arrays(z) && count < MAX_CASES; i++) {
    const char *name = ek_npz_name(z, i), *end = strstr(name, "/out");
    if (end == NULL) continue;
    (void)snprintf(names[count], CASE_NAME, "%.*s", (int)(end - name), name);
    tests[count] = (struct CMUnitTest){.name = names[count], .test_func = image_case, .initial_state = names[count]};
    count++;
  }
  ek_npz_close(z);
  if (count == 0) return 1;
  return _cmocka_run_group_tests("images", tests, count, NULL, NULL);
}
