/* SPDX-License-Identifier: Apache-2.0 */
/* GraphDefs as graphs: no input may crash; what imports must export, and import again as the same bytes. */
#include "formats/graph_def.h"
#include "formats/wire.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes that the graph in data has once it was imported and exported; false if it cannot be imported. */
static bool pass_through(const uint8_t *data, size_t size, uint8_t **out, size_t *out_size) {
  static const ek_import_graph_def_opts import_opts = EK_IMPORT_GRAPH_DEF_OPTS_INIT;
  static const ek_export_graph_def_opts export_opts = EK_EXPORT_GRAPH_DEF_OPTS_INIT;
  const ek_allocator *a = ek_allocator_default();
  ProtobufCMessage *m = NULL;
  ek_status st = EK_STATUS_INIT;
  if (ek__proto_unpack(&ek__graph_def__descriptor, data, size, "fuzz", a, &m, &st) != EK_OK) return false;
  ek_graph *g = ek_graph_new(NULL);
  const bool good = ek__graph_def_import(g, (Ek__GraphDef *)m, size, "fuzz", &import_opts, NULL, &st) == EK_OK;
  ek__proto_free(a, m);
  if (good) {
    ek__arena arena;
    Ek__GraphDef *def = NULL;
    ek__arena_init(&arena, a);
    if (ek__graph_def_export(g, &export_opts, &arena, &def, &st) != EK_OK) __builtin_trap();
    if (ek__proto_pack(&def->base, "fuzz", a, out, out_size, &st) != EK_OK) __builtin_trap();
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
  if (once_size != twice_size || memcmp(once, twice, once_size) != 0) __builtin_trap();
  ek__free(ek_allocator_default(), once, once_size);
  ek__free(ek_allocator_default(), twice, twice_size);
  return 0;
}
