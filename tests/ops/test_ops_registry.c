/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for every op in the registry: order, documentation, a signature that parses, unknown attributes and dtypes
 * refused. A new op is tested here without a new line. */
#include "ops/harness.h"

static void sorted_and_found(void **state) {
  (void)state;
  for (int i = 0; i < ek__op_count(); i++) {
    const ek_op_def *def = ek__op_at(i);
    if (i > 0 && strcmp(ek__op_at(i - 1)->name, def->name) >= 0)
      fail_msg("ops.def: %s must come before %s", def->name, ek__op_at(i - 1)->name);
    assert_ptr_equal(ek__op_find(def->name), def);
  }
  assert_null(ek__op_find("NoSuchOp"));
}

static void documented(void **state) {
  (void)state;
  for (int i = 0; i < ek__op_count(); i++) {
    const ek_op_def *def = ek__op_at(i);
    if (def->doc == NULL || def->doc[0] == '\0' || strchr(def->doc, '\n') != NULL) fail_msg("%s: doc", def->name);
    if (def->out != NULL && def->infer == NULL) fail_msg("%s: no shape rule", def->name);
  }
}

/* Inputs for an op: placeholders of the dtypes that its signature asks for, every type attribute at `pick` of its list.
 * False where a test cannot make them (references, lists of types). */
static bool make_inputs(ek_graph *g, const ek__signature *s, ek_dtype dtype, const char *type_attr, ek_out *in,
                        int *n) {
  *n = 0;
  for (int i = 0; i < s->n_in; i++) {
    const ek__arg *arg = &s->in[i];
    if (arg->is_ref || arg->list_attr != NULL) return false;
    ek_dtype d = arg->dtype;
    if (arg->type_attr != NULL) {
      const ek__attr_spec *spec = ek__signature_attr(s, arg->type_attr);
      d = strcmp(arg->type_attr, type_attr) == 0 ? dtype : spec->n_types > 0 ? spec->types[0] : EK_FLOAT32;
    }
    in[(*n)++] = op_any(g, d);
  }
  return true;
}

static void unknown_attribute(void **state) {
  (void)state;
  for (int i = 0; i < ek__op_count(); i++) {
    ek_graph *g = ek_graph_new(NULL);
    const ek_op_def *def = ek__op_at(i);
    const ek__signature *s = ek__graph_signature(g, def->name);
    ek_status st = EK_STATUS_INIT;
    ek_out in[16];
    int n = 0;
    assert_non_null(s);
    if (make_inputs(g, s, EK_FLOAT32, "", in, &n)) {
      ek_attr attrs[16];
      int n_attrs = 0;
      for (int k = 0; k < s->n_attrs; k++) /* what must be given, so that the unknown one is what is wrong */
        if (!s->attrs[k].has_default && s->attrs[k].value.kind == EK_ATTR_TYPE)
          attrs[n_attrs++] = (ek_attr){.name = s->attrs[k].value.name,
                                       .kind = EK_ATTR_TYPE,
                                       .n = 1,
                                       .v.type = s->attrs[k].n_types > 0 ? s->attrs[k].types[0] : EK_FLOAT32};
      attrs[n_attrs++] = EK_BOOL_ATTR("no_such_attribute", true);
      (void)ek_build(g, def->name, (ek_outs){in, n}, attrs, n_attrs);
      assert_int_equal(ek_graph_status(g, &st), EK_INVALID_ARGUMENT);
      if (strstr(st.msg, "has no attribute no_such_attribute") == NULL) fail_msg("%s: %s", def->name, st.msg);
    }
    ek_graph_free(g);
  }
}

static bool follows(const ek__signature *s, const ek__attr_spec *attr) {
  for (int i = 0; i < s->n_in; i++)
    if (s->in[i].type_attr != NULL && strcmp(s->in[i].type_attr, attr->value.name) == 0) return true;
  return false;
}

static void other_dtypes(void **state) {
  static const ek_dtype all[] = {EK_FLOAT32, EK_FLOAT64, EK_INT32,    EK_UINT8,    EK_INT16,  EK_INT8,
                                 EK_STRING,  EK_INT64,   EK_BFLOAT16, EK_BOOL,     EK_UINT16, EK_FLOAT16,
                                 EK_UINT32,  EK_UINT64,  EK_VARIANT,  EK_COMPLEX64};
  (void)state;
  for (int i = 0; i < ek__op_count(); i++) {
    const ek_op_def *def = ek__op_at(i);
    for (size_t d = 0; d < sizeof all / sizeof all[0]; d++) {
      ek_graph *g = ek_graph_new(NULL);
      const ek__signature *s = ek__graph_signature(g, def->name);
      for (int k = 0; k < s->n_attrs; k++) {
        const ek__attr_spec *spec = &s->attrs[k];
        bool allowed = spec->n_types == 0 || spec->value.kind != EK_ATTR_TYPE;
        for (int j = 0; j < spec->n_types; j++) allowed = allowed || spec->types[j] == all[d];
        ek_out in[16];
        int n = 0;
        ek_status st = EK_STATUS_INIT;
        if (allowed || !follows(s, spec) || !make_inputs(g, s, all[d], spec->value.name, in, &n)) continue;
        ek_attr attrs[16];
        int n_attrs = 0;
        for (int j = 0; j < s->n_attrs; j++) /* what does not follow from the inputs */
          if (j != k && !s->attrs[j].has_default && s->attrs[j].value.kind == EK_ATTR_TYPE && !follows(s, &s->attrs[j]))
            attrs[n_attrs++] =
                EK_TYPE_ATTR(s->attrs[j].value.name, s->attrs[j].n_types > 0 ? s->attrs[j].types[0] : EK_FLOAT32);
        (void)ek_build(g, def->name, (ek_outs){in, n}, attrs, n_attrs);
        assert_int_equal(ek_graph_status(g, &st), EK_INVALID_ARGUMENT);
        if (strstr(st.msg, "; allowed: ") == NULL || strstr(st.msg, def->name) == NULL || strchr(st.msg, '\n') != NULL)
          fail_msg("%s with %s: %s", def->name, ek_dtype_name(all[d]), st.msg);
        break; /* the graph has its error now */
      }
      ek_graph_free(g);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(sorted_and_found), cmocka_unit_test(documented),
                                     cmocka_unit_test(unknown_attribute), cmocka_unit_test(other_dtypes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
