/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/graph_def.h"

#include "formats/text.h"
#include "io/file.h"

#include <string.h>

static bool ends_with(const char *path, const char *suffix) {
  const size_t n = strlen(path), k = strlen(suffix);
  return n >= k && strcmp(path + n - k, suffix) == 0;
}

static bool is_text(const char *path) { return ends_with(path, ".pbtxt") || ends_with(path, ".txt"); }

ek_code ek__message_read(const ProtobufCMessageDescriptor *d, const char *path, const ek_allocator *a,
                         ProtobufCMessage **out, size_t *size, ek_status *st) {
  char *bytes = NULL;
  *out = NULL;
  EK_TRY(ek__file_read(d->short_name, path, INT32_MAX, a, &bytes, size, st));
  const ek_code code = is_text(path) ? ek__text_read(d, bytes, *size, path, a, out, st)
                                     : ek__proto_unpack(d, bytes, *size, path, a, out, st);
  ek__free(a, bytes, *size + 1);
  return code;
}

ek_code ek__message_write(const ProtobufCMessage *m, const char *path, const ek_allocator *a, ek_status *st) {
  const char *what = m->descriptor->short_name;
  size_t size = 0;
  if (is_text(path)) {
    char *text = NULL;
    EK_TRY(ek__text_write(m, a, &text, &size, st));
    const ek_code code = ek__file_replace(what, path, text, size, st);
    ek__free(a, text, size + 1);
    return code;
  }
  uint8_t *bytes = NULL;
  EK_TRY(ek__proto_pack(m, path, a, &bytes, &size, st));
  const ek_code code = ek__file_replace(what, path, bytes, size, st);
  ek__free(a, bytes, size);
  return code;
}
