/* SPDX-License-Identifier: Apache-2.0 */
/* MetaGraphDefs as graphs with collections: no input may crash; what imports must export, and import again. */
#include "formats/meta_graph.h"
#include "formats/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool pass_through(const uint8_t *data, size_t size, uint8_t **out, size_t *out_size) {
  static const ek_import_graph_def_opts import_opts = EK_IMPORT_GRAPH_DEF_OPTS_INIT;
  const ek_allocator *a = ek_allocator_default();
  ek_export_meta_graph_opts export_opts = EK_EXPORT_META_GRAPH_OPTS_INIT;
  ProtobufCMessage *m = NULL;
  ek_saver_def saver;
  ek_status st = EK_STATUS_INIT;
  if (ek__proto_unpack(&ek__meta_graph_def__descriptor, data, size, "fuzz", a, &m, &st) != EK_OK) return false;
  ek_graph *g = ek_graph_new(NULL);
  const bool good = ek__meta_graph_import(g, (Ek__MetaGraphDef *)m, size, "fuzz", &import_opts, &saver, &st) == EK_OK;
  ek__proto_free(a, m);
  if (good) {
    ek__arena arena;
    Ek__MetaGraphDef *meta = NULL;
    ek__arena_init(&arena, a);
    export_opts.saver = saver.restore_op_name != NULL ? &saver : NULL;
    if (ek__meta_graph_export(g, &export_opts, &arena, &meta, &st) != EK_OK) __builtin_trap();
    if (ek__proto_pack(&meta->base, "fuzz", a, out, out_size, &st) != EK_OK) __builtin_trap();
    ek__arena_fini(&arena);
  }
  ek_graph_free(g);
  return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  uint8_t *once = NULL, *twice = NULL;
  size_t once_size = 0, twice_size = 0;
  if (!pass_through(data, size, &once, &once_size)) return 0;
  if (!pass_through(once, once_size, &twice, &twice_size)) __builtin_trap();
  ek__free(ek_allocator_default(), once, once_size);
  ek__free(ek_allocator_default(), twice, twice_size);
  return 0;
}
