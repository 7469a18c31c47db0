/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The text so far; the first failure sticks. */
typedef struct ek__text_out {
  const ek_allocator *allocator;
  char *data;
  int size, capacity;
  ek_code code;
  ek_status *st;
} ek__text_out;

static void put(ek__text_out *o, const char *s, size_t n) {
  if (o->code != EK_OK) return;
  if (n >= (size_t)(INT32_MAX - o->size)) {
    o->code = ek_status_set(o->st, EK_INVALID_ARGUMENT, "a text of 2 GB is too much");
    return;
  }
  o->code = ek__grow(o->allocator, &o->data, &o->capacity, o->size + (int)n, 1, o->st);
  if (o->code != EK_OK) return;
  memcpy(o->data + o->size, s, n);
  o->size += (int)n;
}

static void put_string(ek__text_out *o, const char *s) { put(o, s, strlen(s)); }

static void put_quoted(ek__text_out *o, const uint8_t *bytes, size_t n) {
  put(o, "\"", 1);
  for (size_t i = 0; i < n; i++) {
    const uint8_t b = bytes[i];
    char escaped[8];
    switch (b) {
    case '\n': put(o, "\\n", 2); break;
    case '\r': put(o, "\\r", 2); break;
    case '\t': put(o, "\\t", 2); break;
    case '"':
    case '\'':
    case '\\':
      put(o, "\\", 1);
      put(o, (const char *)&b, 1);
      break;
    default:
      if (b >= 0x20 && b < 0x7f) {
        put(o, (const char *)&b, 1);
      } else {
        put(o, escaped, (size_t)snprintf(escaped, sizeof escaped, "\\%03o", b));
      }
    }
  }
  put(o, "\"", 1);
}

static void write_message(ek__text_out *o, const ProtobufCMessage *m, int indent);

static void put_enum(ek__text_out *o, const ProtobufCEnumDescriptor *d, int value) {
  const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(d, value);
  char buf[EK__NUMBER_TEXT];
  if (known == NULL) (void)snprintf(buf, sizeof buf, "%d", value);
  put_string(o, known != NULL ? known->name : buf);
}

/* The scalar at p, without its name. */
static void write_scalar(ek__text_out *o, const ProtobufCFieldDescriptor *f, const void *p) {
  char buf[EK__NUMBER_TEXT];
  switch (f->type) {
  case PROTOBUF_C_TYPE_INT32:
  case PROTOBUF_C_TYPE_SINT32:
  case PROTOBUF_C_TYPE_SFIXED32: (void)snprintf(buf, sizeof buf, "%" PRId32, *(const int32_t *)p); break;
  case PROTOBUF_C_TYPE_UINT32:
  case PROTOBUF_C_TYPE_FIXED32: (void)snprintf(buf, sizeof buf, "%" PRIu32, *(const uint32_t *)p); break;
  case PROTOBUF_C_TYPE_INT64:
  case PROTOBUF_C_TYPE_SINT64:
  case PROTOBUF_C_TYPE_SFIXED64: (void)snprintf(buf, sizeof buf, "%" PRId64, *(const int64_t *)p); break;
  case PROTOBUF_C_TYPE_UINT64:
  case PROTOBUF_C_TYPE_FIXED64: (void)snprintf(buf, sizeof buf, "%" PRIu64, *(const uint64_t *)p); break;
  case PROTOBUF_C_TYPE_FLOAT: (void)ek__text_float(*(const float *)p, buf); break;
  case PROTOBUF_C_TYPE_DOUBLE: (void)ek__text_double(*(const double *)p, buf); break;
  case PROTOBUF_C_TYPE_BOOL: put_string(o, *(const protobuf_c_boolean *)p ? "true" : "false"); return;
  case PROTOBUF_C_TYPE_ENUM: put_enum(o, f->descriptor, *(const int *)p); return;
  case PROTOBUF_C_TYPE_STRING: {
    const char *s = *(char *const *)p;
    put_quoted(o, (const uint8_t *)s, s == NULL ? 0 : strlen(s));
    return;
  }
  case PROTOBUF_C_TYPE_BYTES: {
    const ProtobufCBinaryData *b = p;
    put_quoted(o, b->data, b->len);
    return;
  }
  case PROTOBUF_C_TYPE_MESSAGE: return; /* write_field's */
  }
  put_string(o, buf);
}

static void write_field(ek__text_out *o, const ProtobufCFieldDescriptor *f, const void *p, int indent) {
  for (int i = 0; i < indent; i++) put(o, "  ", 2);
  put_string(o, f->name);
  if (f->type == PROTOBUF_C_TYPE_MESSAGE) {
    put(o, " {\n", 3);
    write_message(o, *(ProtobufCMessage *const *)p, indent + 1);
    for (int i = 0; i < indent; i++) put(o, "  ", 2);
    put(o, "}\n", 2);
  } else {
    put(o, ": ", 2);
    write_scalar(o, f, p);
    put(o, "\n", 1);
  }
}

/* Whether a single field outside a oneof differs from its default, that is, is there at all. */
static bool is_set(const ProtobufCFieldDescriptor *f, const void *p) {
  static const char zero[sizeof(ProtobufCBinaryData)];
  switch (f->type) {
  case PROTOBUF_C_TYPE_STRING: return *(char *const *)p != NULL && **(char *const *)p != '\0';
  case PROTOBUF_C_TYPE_BYTES: return ((const ProtobufCBinaryData *)p)->len > 0;
  default: return memcmp(p, zero, ek__proto_element_size(f->type)) != 0;
  }
}

static void write_message(ek__text_out *o, const ProtobufCMessage *m, int indent) {
  for (unsigned i = 0; i < m->descriptor->n_fields && o->code == EK_OK; i++) {
    const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
    const char *p = (const char *)m + f->offset;
    const char *quantifier = (const char *)m + f->quantifier_offset;
    if (f->label == PROTOBUF_C_LABEL_REPEATED) {
      const char *items = *(const char *const *)(const void *)p;
      const size_t n = *(const size_t *)(const void *)quantifier;
      for (size_t k = 0; k < n && o->code == EK_OK; k++)
        write_field(o, f, items + k * ek__proto_element_size(f->type), indent);
    } else if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
      if (*(const uint32_t *)(const void *)quantifier == f->id) write_field(o, f, p, indent);
    } else if (is_set(f, p)) {
      write_field(o, f, p, indent);
    }
  }
}

ek_code ek__text_write(const ProtobufCMessage *m, const ek_allocator *a, char **text, size_t *size, ek_status *st) {

  *text = NULL;
  *size = 0;
  ek__text_out o = {.allocator = a, .st = st};
  write_message(&o, m, 0);
  if (o.code == EK_OK) {
    *text = ek__alloc(a, (size_t)o.size + 1);
    if (*text == NULL) o.code = ek__no_memory(st, "a text", (size_t)o.size + 1);
  }
  if (o.code == EK_OK) {
    if (o.size > 0) memcpy(*text, o.data, (size_t)o.size);
    *size = (size_t)o.size;
  }
  ek__free(a, o.data, (size_t)o.capacity);
  return o.code;
}
