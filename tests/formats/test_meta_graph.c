/* SPDX-License-Identifier: Apache-2.0 */
#include "evenkeel/formats.h"
#include "evenkeel/variables.h"
#include "formats/meta_graph.h"
#include "formats/wire.h"

#include "files.h"

#include <string.h>

static counting memory;
static const ek_allocator allocator = {counting_alloc, counting_free, &memory};
static const char in_path[] = EK_TEST_TMP "/meta_graph_in.pbtxt";
static const char out_path[] = EK_TEST_TMP "/meta_graph_out.meta";

static ek_graph *new_graph(void) {
  ek_graph_opts o = EK_GRAPH_OPTS_INIT;
  o.allocator = &allocator;
  return ek_graph_new(&o);
}

static int reset_memory(void **state) {
  (void)state;
  memory = (counting){0};
  return 0;
}

static int no_leak(void **state) {
  (void)state;
  return memory.live == 0 ? 0 : -1;
}

static const char *golden_path(void) { return EK_SOURCE_DIR "/tests/golden/formats/batch_norm.meta"; }

static ek_graph *import_golden(const char *scope, ek_saver_def *saver) {
  ek_graph *g = new_graph();
  ek_import_meta_graph_opts o = EK_IMPORT_META_GRAPH_OPTS_INIT;
  ek_status st = EK_STATUS_INIT;
  o.import_scope = scope;
  if (ek_import_meta_graph(g, golden_path(), &o, saver, &st) != EK_OK) fail_msg("%s", st.msg);
  return g;
}

static void export_to_file(const ek_graph *g, const ek_saver_def *saver) {
  ek_export_meta_graph_opts o = EK_EXPORT_META_GRAPH_OPTS_INIT;
  ek_status st = EK_STATUS_INIT;
  o.saver = saver;
  if (ek_export_meta_graph(g, out_path, &o, &st) != EK_OK) fail_msg("%s", st.msg);
}

static ProtobufCMessage *read_message(const ProtobufCMessageDescriptor *d, const char *path) {
  ProtobufCMessage *m = NULL;
  size_t size = 0;
  assert_int_equal(ek__message_read(d, path, &allocator, &m, &size, NULL), EK_OK);
  return m;
}

static void what_is_in_it_arrives(void **state) {
  (void)state;
  ek_saver_def saver;
  ek_graph *g = import_golden(NULL, &saver);
  assert_string_equal(saver.filename_tensor_name, "save/Const:0");
  assert_string_equal(saver.save_tensor_name, "save/control_dependency:0");
  assert_string_equal(saver.restore_op_name, "save/restore_all");
  assert_int_equal(saver.max_to_keep, 5);
  assert_int_equal(saver.version, 2);
  assert_true(saver.keep_checkpoint_every_n_hours == 10000.0F);
  assert_int_equal(ek_collection_size(g, EK_TRAINABLE_VARIABLES), 2);
  assert_int_equal(ek_collection_size(g, EK_GLOBAL_VARIABLES), 4);
  const ek_variables vars = ek_get_collection_variables(g, EK_GLOBAL_VARIABLES, NULL);
  assert_int_equal(vars.n, 4);
  assert_string_equal(ek_variable_name(g, vars.at[0]), "batch_normalization/gamma");
  assert_true(ek_variable_trainable(g, vars.at[0]) && !ek_variable_trainable(g, vars.at[2]));
  assert_int_equal(ek_variable_dtype(g, vars.at[0]), EK_FLOAT32);
  assert_true(ek_shape_equal(ek_variable_shape(g, vars.at[0]), ek_shape(4)));
  assert_int_equal(ek_collection_item(g, EK_TRAINABLE_VARIABLES, 0).v.variable.id, vars.at[0].id);
  assert_int_equal(g->n_variables, 4); /* shared by the collections */
  assert_string_equal(ek_op_name(g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL).at[0]),
                      "batch_normalization/cond_2/Merge");
  assert_int_equal(ek_collection_item(g, "numbers", 0).v.i, 7);
  assert_true(ek_collection_item(g, "rates", 0).v.f == 0.25F);
  assert_int_equal(ek_collection_item(g, "words", 0).v.bytes.size, 5);
  const ek__node *sub = ek__node_of(g, ek_graph_find_op(g, "batch_normalization/cond_2/AssignMovingAvg/sub"));
  assert_non_null(sub->context);
  assert_string_equal(sub->context->name, "batch_normalization/cond_2/cond_text");
  assert_int_equal(sub->context->branch, 1);
  const ek__node *add = ek__node_of(g, ek_graph_find_op(g, "while/add"));
  assert_string_equal(add->context->name, "while/while_context");
  ek_graph_free(g);
}

/* The ops that values name, without those from outside: what a reader assigns to the context. */
static bool holds_op(const Ek__ValuesDef *values, const char *value) {
  const size_t size = strcspn(value, ":");
  for (size_t i = 0; i < values->n_values; i++)
    if (strcspn(values->values[i], ":") == size && memcmp(values->values[i], value, size) == 0) return true;
  return false;
}

static void check_same_cond(ProtobufCBinaryData got, ProtobufCBinaryData want) {
  ProtobufCMessage *a = NULL, *b = NULL;
  const ProtobufCMessageDescriptor *d = &ek__cond_context_def__descriptor;
  assert_int_equal(ek__proto_unpack(d, got.data, got.len, "got", &allocator, &a, NULL), EK_OK);
  assert_int_equal(ek__proto_unpack(d, want.data, want.len, "want", &allocator, &b, NULL), EK_OK);
  const Ek__CondContextDef *x = (const Ek__CondContextDef *)a, *y = (const Ek__CondContextDef *)b;
  assert_string_equal(x->context_name, y->context_name);
  assert_string_equal(x->pred_name, y->pred_name);
  assert_string_equal(x->pivot_name, y->pivot_name);
  assert_int_equal(x->branch, y->branch);
  assert_int_equal(x->values_def->n_external_values, y->values_def->n_external_values);
  for (size_t i = 0; i < x->values_def->n_external_values; i++) {
    bool found = false;
    for (size_t k = 0; k < y->values_def->n_external_values; k++) {
      found =
          found || (strcmp(x->values_def->external_values[i]->key, y->values_def->external_values[k]->key) == 0 &&
                    strcmp(x->values_def->external_values[i]->value, y->values_def->external_values[k]->value) == 0);
    }
    assert_true(found);
  }
  for (size_t i = 0; i < x->values_def->n_values; i++) assert_true(holds_op(y->values_def, x->values_def->values[i]));
  for (size_t i = 0; i < y->values_def->n_values; i++) assert_true(holds_op(x->values_def, y->values_def->values[i]));
  ek__proto_free(&allocator, a);
  ek__proto_free(&allocator, b);
}

static const Ek__CollectionDef *collection(const Ek__MetaGraphDef *meta, const char *key) {
  for (size_t i = 0; i < meta->n_collection_def; i++)
    if (strcmp(meta->collection_def[i]->key, key) == 0) return meta->collection_def[i]->value;
  fail_msg("no collection %s", key);
  return NULL;
}

static void check_same_collection(const char *key, const Ek__CollectionDef *got, const Ek__CollectionDef *want) {
  assert_int_equal(got->kind_case, want->kind_case);
  if (strcmp(key, EK_COND_CONTEXT) == 0) {
    assert_int_equal(got->bytes_list->n_value, want->bytes_list->n_value);
    for (size_t i = 0; i < got->bytes_list->n_value; i++) {
      check_same_cond(got->bytes_list->value[i], want->bytes_list->value[i]);
    }
    return;
  }
  uint8_t *bytes[2];
  size_t sizes[2];
  assert_int_equal(ek__proto_pack(&got->base, key, &allocator, &bytes[0], &sizes[0], NULL), EK_OK);
  assert_int_equal(ek__proto_pack(&want->base, key, &allocator, &bytes[1], &sizes[1], NULL), EK_OK);
  assert_int_equal(sizes[0], sizes[1]);
  assert_memory_equal(bytes[0], bytes[1], sizes[0]);
  for (int i = 0; i < 2; i++) ek__free(&allocator, bytes[i], sizes[i]);
}

static void what_is_written_is_what_was_read(void **state) {
  (void)state;
  ek_saver_def saver;
  ek_graph *g = import_golden(NULL, &saver);
  export_to_file(g, &saver);
  ProtobufCMessage *a = read_message(&ek__meta_graph_def__descriptor, out_path);
  ProtobufCMessage *b = read_message(&ek__meta_graph_def__descriptor, golden_path());
  const Ek__MetaGraphDef *got = (const Ek__MetaGraphDef *)a, *want = (const Ek__MetaGraphDef *)b;
  assert_int_equal(got->n_collection_def, want->n_collection_def);
  assert_int_equal(got->graph_def->n_node, want->graph_def->n_node);
  for (size_t i = 0; i < got->n_collection_def; i++) {
    const char *key = got->collection_def[i]->key;
    check_same_collection(key, got->collection_def[i]->value, collection(want, key));
  }
  assert_string_equal(got->saver_def->restore_op_name, want->saver_def->restore_op_name);
  assert_int_equal(got->saver_def->max_to_keep, want->saver_def->max_to_keep);
  ek__proto_free(&allocator, a);
  ek__proto_free(&allocator, b);
  ek_graph_free(g);
  g = new_graph(); /* and once more: nothing is lost on the way */
  assert_int_equal(ek_import_meta_graph(g, out_path, NULL, NULL, NULL), EK_OK);
  assert_int_equal(g->n_contexts, 9);
  ek_graph_free(g);
}

static void an_import_scope_reaches_every_name(void **state) {
  (void)state;
  ek_saver_def saver;
  ek_graph *g = import_golden("outer", &saver);
  assert_string_equal(saver.restore_op_name, "outer/save/restore_all");
  const ek_variables vars = ek_get_collection_variables(g, EK_GLOBAL_VARIABLES, NULL);
  assert_string_equal(ek_variable_name(g, vars.at[0]), "outer/batch_normalization/gamma");
  assert_string_equal(ek_op_name(g, ek_variable_initializer(g, vars.at[0])), "outer/batch_normalization/gamma/Assign");
  assert_string_equal(ek_op_name(g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL).at[0]),
                      "outer/batch_normalization/cond_2/Merge");
  export_to_file(g, &saver);
  ProtobufCMessage *m = read_message(&ek__meta_graph_def__descriptor, out_path), *loop = NULL;
  const ProtobufCBinaryData bytes = collection((const Ek__MetaGraphDef *)m, EK_WHILE_CONTEXT)->bytes_list->value[0];
  const ProtobufCMessageDescriptor *d = &ek__while_context_def__descriptor;
  assert_int_equal(ek__proto_unpack(d, bytes.data, bytes.len, "loop", &allocator, &loop, NULL), EK_OK);
  const Ek__WhileContextDef *w = (const Ek__WhileContextDef *)loop;
  assert_string_equal(w->context_name, "outer/while/while_context");
  assert_string_equal(w->loop_exit_names[0], "outer/while/Exit:0");
  assert_string_equal(w->values_def->values[0], "outer/while/Enter:0");
  assert_string_equal(w->maximum_iterations_name, "");
  ek__proto_free(&allocator, loop);
  ek__proto_free(&allocator, m);
  ek_graph_free(g);
}

static void of_mixed_kinds_nothing_is_written(void **state) {
  (void)state;
  ek_graph *g = new_graph();
  ek_add_to_collection(g, "mixed", (ek_item){.kind = EK_ITEM_INT, .v.i = 1});
  ek_add_to_collection(g, "mixed", (ek_item){.kind = EK_ITEM_FLOAT, .v.f = 1});
  ek_add_to_collection(g, "emptied", (ek_item){.kind = EK_ITEM_INT, .v.i = 1});
  ek_clear_collection(g, "emptied");
  export_to_file(g, NULL);
  ek_graph_free(g);
  g = new_graph();
  assert_int_equal(ek_import_meta_graph(g, out_path, NULL, NULL, NULL), EK_OK);
  assert_int_equal(ek_num_collections(g), 0);
  ek_graph_free(g);
}

static void write_text(const char *text) {
  FILE *f = fopen(in_path, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
  assert_int_equal(fclose(f), 0);
}

static void outputs_of_unknown_ops_keep_their_names(void **state) {
  (void)state;
  write_text("graph_def { node { name: 'p' op: 'P' } } collection_def { key: 'c' value { node_list { value: 'p' } } } "
             "collection_def { key: 'd' value { node_list { value: 'p:3' } } }");
  ek_graph *g = new_graph();
  assert_int_equal(ek_import_meta_graph(g, in_path, NULL, NULL, NULL), EK_OK);
  export_to_file(g, NULL);
  ek_graph_free(g);
  g = new_graph();
  assert_int_equal(ek_import_meta_graph(g, out_path, NULL, NULL, NULL), EK_OK);
  assert_int_equal(ek_collection_item(g, "c", 0).kind, EK_ITEM_OP);
  assert_int_equal(ek_collection_item(g, "d", 0).kind, EK_ITEM_NAME);
  assert_string_equal(ek_collection_item(g, "d", 0).v.bytes.data, "p:3");
  ek_graph_free(g);
}

static void expect_error(const char *text, const char *part) {
  write_text(text);
  ek_graph *g = new_graph();
  ek_status st = EK_STATUS_INIT;
  const ek_code code = ek_import_meta_graph(g, in_path, NULL, NULL, &st);
  if ((code != EK_INVALID_ARGUMENT && code != EK_DATA_LOSS) || strstr(st.msg, part) == NULL)
    fail_msg("%d %s", code, st.msg);
  ek_graph_free(g);
}

static void wrong_collections_are_refused(void **state) {
  (void)state;
  expect_error("meta_info_def { }", "holds no graph");
  expect_error("graph_def { } collection_def { key: 'variables' value { bytes_list { value: '\\x0a\\x03w:0' } } }",
               "collection 'variables': variable 'w:0': the graph has no 'w:0'");
  expect_error("graph_def { } collection_def { key: 'variables' value { bytes_list { value: '' } } }",
               "a variable without name");
  expect_error("graph_def { } collection_def { key: 'variables' value { bytes_list { value: '\\x0a\\x7f' } } }",
               "VariableDef claims 127 bytes");
  expect_error("graph_def { node { name: 'w' op: 'P' } node { name: 'r' op: 'P' input: 'w' } } collection_def { key:"
               " 'variables' value { bytes_list { value: '\\x0a\\x03w:0\\x12\\x01x' } } }",
               "variable 'w:0': the graph has no 'x'");
  expect_error("graph_def { } collection_def { key: 'cond_context' value { bytes_list { value: '\\x0a\\x01c' } } }",
               "context 'c': the graph has no ''");
  expect_error("graph_def { } collection_def { key: 'update_ops' value { node_list { value: 'gone' } } }",
               "collection 'update_ops': it names 'gone', but the graph has no op 'gone'");
  expect_error("graph_def { } collection_def { key: 'losses' value { node_list { value: 'gone:0' } } }",
               "collection 'losses': it names 'gone:0', but the graph has no op 'gone'");
  expect_error("graph_def { node { name: 'n' op: 'NoOp' } } collection_def { key: 'c' value { node_list { value: 'n:0' "
               "} } }",
               "collection 'c': it names 'n:0', but NoOp 'n' has only 0 outputs");
}

static void every_failing_allocation(void **state) {
  (void)state;
  ek_code code = EK_UNKNOWN;
  for (int n = 1; code != EK_OK; n += n < 40 ? 1 : 13) {
    ek_status st = EK_STATUS_INIT;
    memory = (counting){0};
    memory.fail_at = n;
    ek_graph *g = new_graph();
    if (g == NULL) continue;
    code = ek_import_meta_graph(g, golden_path(), NULL, NULL, &st);
    if (code == EK_OK) code = ek_export_meta_graph(g, out_path, NULL, &st);
    if (code != EK_OK && code != EK_RESOURCE_EXHAUSTED) fail_msg("%d: %s", n, st.msg);
    ek_graph_free(g);
    assert_int_equal(memory.live, 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(what_is_in_it_arrives, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(what_is_written_is_what_was_read, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(an_import_scope_reaches_every_name, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(of_mixed_kinds_nothing_is_written, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(outputs_of_unknown_ops_keep_their_names, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(wrong_collections_are_refused, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(every_failing_allocation, reset_memory, no_leak),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
