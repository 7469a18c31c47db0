/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the typed builders from the registry of ops: gen_ops HEADER SOURCE TABLE SUMMARY. `make generate` runs it
 * for include/evenkeel/ops.h, src/layers/ops.c, docs/ops.md and a table in README.md, which are checked in. */
#include "gen_ops.h"

#include <stdlib.h>
#include <string.h>

typedef struct output {
  FILE *header, *source, *table, *summary;
} output;

static int write_all(const output *out, op *ops, int n) {
  fputs(header_begin, out->header);
  fputs(source_begin, out->source);
  fputs(table_begin, out->table);
  summary(out->summary, ops, n);
  for (int i = 0; i < n; i++) {
    table_op(out->table, &ops[i]);
    if (!expressible(&ops[i])) continue;
    for (int k = 0; k < i; k++)
      if (expressible(&ops[k]) && strcmp(ops[k].function, ops[i].function) == 0)
        return fprintf(stderr, "gen_ops: %s and %s would both be ek_%s\n", ops[k].def->name, ops[i].def->name,
                       ops[i].function);
    header_op(out->header, &ops[i]);
    source_op(out->source, &ops[i]);
  }
  fputs(header_end, out->header);
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 5) return fprintf(stderr, "usage: gen_ops HEADER SOURCE TABLE SUMMARY\n"), 2;
  const int n = ek__op_count();
  op *ops = calloc((size_t)n, sizeof *ops);
  ek_status st = EK_STATUS_INIT;
  ek__arena arena;
  ek__arena_init(&arena, ek_allocator_default());
  int rc = ops == NULL;
  for (int i = 0; rc == 0 && i < n; i++) {
    ops[i].def = ek__op_at(i);
    if (ek__signature_parse(ops[i].def, &arena, &ops[i].s, &st) != EK_OK) rc = fprintf(stderr, "gen_ops: %s\n", st.msg);
    name_op(&ops[i]);
  }
  const output out = {fopen(argv[1], "w"), fopen(argv[2], "w"), fopen(argv[3], "w"), fopen(argv[4], "w")};
  if (out.header == NULL || out.source == NULL || out.table == NULL || out.summary == NULL)
    rc = fprintf(stderr, "gen_ops: cannot write\n");
  if (rc == 0) rc = write_all(&out, ops, n);
  if (out.header != NULL && fclose(out.header) != 0) rc = 1;
  if (out.source != NULL && fclose(out.source) != 0) rc = 1;
  if (out.table != NULL && fclose(out.table) != 0) rc = 1;
  if (out.summary != NULL && fclose(out.summary) != 0) rc = 1;
  ek__arena_fini(&arena);
  free(ops);
  return rc != 0;
}
