/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/meta_graph.h"

#include <stdio.h>
#include <string.h>

static ek_code scope_string(char **s, const char *scope, ek__arena *arena, ek_status *st) {
  if (*s == NULL || **s == '\0') return EK_OK;
  const size_t size = strlen(scope) + strlen(*s) + 2;
  char *scoped = ek__arena_alloc(arena, size);
  if (scoped == NULL) return ek__no_memory(st, "names in a scope", size);
  (void)snprintf(scoped, size, "%s/%s", scope, *s);
  *s = scoped;
  return EK_OK;
}

/* The strings and messages among the n values of f at p. */
static ek_code scope_values(const ProtobufCFieldDescriptor *f, void *p, size_t n, const char *scope, ek__arena *arena,
                            ek_status *st) {
  for (size_t i = 0; i < n; i++) {
    if (f->type == PROTOBUF_C_TYPE_STRING) {
      EK_TRY(scope_string(&((char **)p)[i], scope, arena, st));
    } else if (f->type == PROTOBUF_C_TYPE_MESSAGE && ((ProtobufCMessage **)p)[i] != NULL) {
      EK_TRY(ek__scope_names(((ProtobufCMessage **)p)[i], scope, arena, st));
    }
  }
  return EK_OK;
}

ek_code ek__scope_names(ProtobufCMessage *m, const char *scope, ek__arena *arena, ek_status *st) {
  for (unsigned i = 0; *scope != '\0' && i < m->descriptor->n_fields; i++) {
    const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
    void *p = (char *)m + f->offset, *quantifier = (char *)m + f->quantifier_offset;
    if (f->label == PROTOBUF_C_LABEL_REPEATED) {
      EK_TRY(scope_values(f, *(void **)p, *(size_t *)quantifier, scope, arena, st));
    } else if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0 || *(uint32_t *)quantifier == f->id) {
      EK_TRY(scope_values(f, p, 1, scope, arena, st));
    }
  }
  return EK_OK;
}

char *ek__out_text(const ek_graph *g, ek_out out, ek__arena *arena, ek_status *st) {
  const char *name = ek_op_name(g, ek_out_op(out));
  const size_t size = strlen(name) + 14;
  char *text = ek__arena_alloc(arena, size);
  if (text == NULL) {
    (void)ek__no_memory(st, "a name", size);
    return NULL;
  }
  (void)snprintf(text, size, "%s:%d", name, out.index);
  return text;
}
