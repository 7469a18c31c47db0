/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/text.h"
#include "formats/text_token.h"

#include <stdio.h>
#include <string.h>

typedef struct ek__text_in {
  ek__text_cursor at;
  const char *what;
  ek__proto_heap heap;
  ek_status *st;
} ek__text_in;

static ek_code next(ek__text_in *in) { return ek__text_next(&in->at, in->what, in->st); }
static ek_code expected(const ek__text_in *in, const char *problem) {
  return ek__text_error(&in->at, in->what, problem, in->st);
}
static ek_code expected_for(const ek__text_in *in, const char *kind, const ProtobufCFieldDescriptor *f) {
  char problem[160];
  (void)snprintf(problem, sizeof problem, "field '%.60s' takes %s", f->name, kind);
  return expected(in, problem);
}

/* Where the next value of f belongs: in the struct, or a new zeroed element behind the others, whose array doubles. */
static void *value_slot(ek__text_in *in, ProtobufCMessage *m, const ProtobufCFieldDescriptor *f) {
  char *member = (char *)m + f->offset;
  if (f->label != PROTOBUF_C_LABEL_REPEATED) {
    if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) *(uint32_t *)(void *)((char *)m + f->quantifier_offset) = f->id;
    return member;
  }
  enum { FIRST = 4 };
  size_t *n = (size_t *)(void *)((char *)m + f->quantifier_offset);
  char **items = (char **)(void *)member;
  const size_t size = ek__proto_element_size(f->type);
  if (*n == 0 || (*n >= FIRST && (*n & (*n - 1)) == 0)) {
    char *grown = ek__proto_heap_alloc(&in->heap, (*n == 0 ? FIRST : *n * 2) * size);
    if (grown == NULL) return NULL;
    if (*n > 0) memcpy(grown, *items, *n * size);
    ek__proto_heap_free(&in->heap, *items);
    *items = grown;
  }
  void *slot = *items + *n * size;
  memset(slot, 0, size);
  ++*n;
  return slot;
}

/* An unsigned integer, decimal, hexadecimal or octal. */
static bool parse_unsigned(const char *s, size_t n, uint64_t *value) {
  unsigned base = 10;
  size_t i = 0;
  if (n > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
    base = 16;
    i = 2;
  } else if (n > 1 && s[0] == '0') {
    base = 8;
    i = 1;
  }
  *value = 0;
  for (; i < n; i++) {
    const char c = s[i];
    const unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                           : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                           : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                                  : 99;
    if (digit >= base || __builtin_mul_overflow(*value, base, value) || __builtin_add_overflow(*value, digit, value)) {
      return false;
    }
  }
  return true;
}

/* The integer at the cursor, in [-limit - 1, limit] or, unsigned, [0, limit]; its 64 bits in two's complement. */
static ek_code read_integer(ek__text_in *in, const ProtobufCFieldDescriptor *f, bool is_signed, uint64_t limit,
                            uint64_t *bits) {
  const bool negative = ek__text_is(&in->at, '-');
  if (negative) EK_TRY(next(in));
  uint64_t value = 0;
  const bool is_number = in->at.kind == EK__TEXT_NUMBER && parse_unsigned(in->at.begin, in->at.size, &value);
  const uint64_t allowed = negative ? (is_signed ? limit + 1 : 0) : limit;
  if (!is_number || value > allowed) return expected_for(in, is_signed ? "an integer" : "an unsigned integer", f);
  *bits = negative ? UINT64_C(0) - value : value;
  return next(in);
}

static ek_code read_real(ek__text_in *in, const ProtobufCFieldDescriptor *f, double *value) {
  const bool negative = ek__text_is(&in->at, '-');
  if (negative) EK_TRY(next(in));
  const char *s = in->at.begin;
  size_t n = in->at.size;
  uint64_t integer = 0;
  const bool is_number = in->at.kind == EK__TEXT_NUMBER;
  if (!is_number && in->at.kind != EK__TEXT_NAME) return expected_for(in, "a number", f);
  const bool hexadecimal = is_number && n > 1 && (s[1] == 'x' || s[1] == 'X');
  if (is_number && !hexadecimal && n > 1 && (s[n - 1] == 'f' || s[n - 1] == 'F')) n--; /* 1.5f */
  if (!ek__text_to_double(s, n, value)) {
    if (!hexadecimal || !parse_unsigned(s, n, &integer)) return expected_for(in, "a number", f);
    *value = (double)integer;
  }
  if (negative) *value = -*value;
  return next(in);
}

static ek_code read_bool(ek__text_in *in, const ProtobufCFieldDescriptor *f, protobuf_c_boolean *value) {
  static const char *const words[][2] = {{"true", "false"}, {"True", "False"}, {"t", "f"}};
  for (size_t i = 0; i < 6; i++) {
    if (!ek__text_is_name(&in->at, words[i / 2][i % 2])) continue;
    *value = i % 2 == 0;
    return next(in);
  }
  uint64_t bits = 0;
  if (in->at.kind != EK__TEXT_NUMBER || !parse_unsigned(in->at.begin, in->at.size, &bits) || bits > 1) {
    return expected_for(in, "true or false", f);
  }
  *value = bits == 1;
  return next(in);
}

static ek_code read_enum(ek__text_in *in, const ProtobufCFieldDescriptor *f, int32_t *value) {
  if (in->at.kind == EK__TEXT_NAME) {
    const ProtobufCEnumDescriptor *d = f->descriptor;
    for (unsigned i = 0; i < d->n_values; i++) {
      if (!ek__text_is_name(&in->at, d->values[i].name)) continue;
      *value = d->values[i].value;
      return next(in);
    }
    char kind[80];
    (void)snprintf(kind, sizeof kind, "a value of %.60s", d->short_name);
    return expected_for(in, kind, f);
  }
  uint64_t bits = 0;
  EK_TRY(read_integer(in, f, true, INT32_MAX, &bits));
  *value = (int32_t)(uint32_t)bits;
  return EK_OK;
}

/* One string token or several in a row, in a block with a NUL behind it. */
static ek_code read_bytes(ek__text_in *in, const ProtobufCFieldDescriptor *f, ProtobufCBinaryData *value) {
  if (in->at.kind != EK__TEXT_STRING) return expected_for(in, "a string in quotes", f);
  const ek__text_cursor first = in->at;
  size_t room = 1;
  for (; in->at.kind == EK__TEXT_STRING; room += in->at.size) EK_TRY(next(in));
  room += (size_t)(in->at.begin - first.begin);
  char *bytes = ek__proto_heap_alloc(&in->heap, room);
  if (bytes == NULL) return ek__proto_heap_error(&in->heap, in->what, in->st);
  in->at = first;
  size_t size = 0, part = 0;
  ek_code code = EK_OK;
  while (code == EK_OK && in->at.kind == EK__TEXT_STRING) {
    code = ek__text_unescape(&in->at, in->what, bytes + size, &part, in->st);
    size += part;
    if (code == EK_OK) code = next(in);
  }
  if (code != EK_OK) {
    ek__proto_heap_free(&in->heap, bytes);
    return code;
  }
  bytes[size] = '\0';
  *value = (ProtobufCBinaryData){.len = size, .data = (uint8_t *)bytes};
  return EK_OK;
}

static ek_code read_string(ek__text_in *in, const ProtobufCFieldDescriptor *f, char **value) {
  const ek__text_cursor first = in->at;
  ProtobufCBinaryData b = {0, NULL};
  EK_TRY(read_bytes(in, f, &b));
  if (memchr(b.data, 0, b.len) != NULL) {
    ek__proto_heap_free(&in->heap, b.data);
    in->at = first;
    return expected_for(in, "a string without NUL", f);
  }
  *value = (char *)b.data;
  return EK_OK;
}

static ek_code read_scalar(ek__text_in *in, const ProtobufCFieldDescriptor *f, void *slot) {
  uint64_t bits = 0;
  double real = 0;
  switch (f->type) {
  case PROTOBUF_C_TYPE_INT32:
  case PROTOBUF_C_TYPE_SINT32:
  case PROTOBUF_C_TYPE_SFIXED32:
    EK_TRY(read_integer(in, f, true, INT32_MAX, &bits));
    *(uint32_t *)slot = (uint32_t)bits;
    return EK_OK;
  case PROTOBUF_C_TYPE_UINT32:
  case PROTOBUF_C_TYPE_FIXED32:
    EK_TRY(read_integer(in, f, false, UINT32_MAX, &bits));
    *(uint32_t *)slot = (uint32_t)bits;
    return EK_OK;
  case PROTOBUF_C_TYPE_INT64:
  case PROTOBUF_C_TYPE_SINT64:
  case PROTOBUF_C_TYPE_SFIXED64: return read_integer(in, f, true, INT64_MAX, slot);
  case PROTOBUF_C_TYPE_UINT64:
  case PROTOBUF_C_TYPE_FIXED64: return read_integer(in, f, false, UINT64_MAX, slot);
  case PROTOBUF_C_TYPE_FLOAT:
    EK_TRY(read_real(in, f, &real));
    *(float *)slot = ek__text_to_float(real);
    return EK_OK;
  case PROTOBUF_C_TYPE_DOUBLE: return read_real(in, f, slot);
  case PROTOBUF_C_TYPE_BOOL: return read_bool(in, f, slot);
  case PROTOBUF_C_TYPE_ENUM: return read_enum(in, f, slot);
  case PROTOBUF_C_TYPE_STRING: return read_string(in, f, slot);
  case PROTOBUF_C_TYPE_BYTES: return read_bytes(in, f, slot);
  default: return expected_for(in, "a scalar", f);
  }
}

static ek_code read_fields(ek__text_in *in, ProtobufCMessage *m, char closer, int depth);

/* "{ ... }" or "< ... >" */
static ek_code read_message(ek__text_in *in, const ProtobufCFieldDescriptor *f, ProtobufCMessage **slot, int depth) {
  const char closer = ek__text_is(&in->at, '{') ? '}' : ek__text_is(&in->at, '<') ? '>' : '\0';
  if (closer == '\0') return expected_for(in, "a message in braces", f);
  if (depth > EK__PROTO_MAX_DEPTH) return expected(in, "messages are nested more than 100 deep");
  EK_TRY(next(in));
  const ProtobufCMessageDescriptor *d = f->descriptor;
  *slot = ek__proto_heap_alloc(&in->heap, d->sizeof_message);
  if (*slot == NULL) return ek__proto_heap_error(&in->heap, in->what, in->st);
  protobuf_c_message_init(d, *slot);
  return read_fields(in, *slot, closer, depth);
}

static ek_code read_value(ek__text_in *in, ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, int depth) {
  void *slot = value_slot(in, m, f);
  if (slot == NULL) return ek__proto_heap_error(&in->heap, in->what, in->st);
  if (f->type == PROTOBUF_C_TYPE_MESSAGE) return read_message(in, f, slot, depth + 1);
  return read_scalar(in, f, slot);
}

/* What follows the name of a field: a value, or for repeated ones a list. */
static ek_code read_field(ek__text_in *in, ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, int depth) {
  const bool colon = ek__text_is(&in->at, ':');
  if (colon) EK_TRY(next(in));
  if (!colon && f->type != PROTOBUF_C_TYPE_MESSAGE) return expected_for(in, "a colon and a value", f);
  if (f->label != PROTOBUF_C_LABEL_REPEATED || !ek__text_is(&in->at, '[')) return read_value(in, m, f, depth);
  EK_TRY(next(in));
  if (ek__text_is(&in->at, ']')) return next(in);
  for (;;) {
    EK_TRY(read_value(in, m, f, depth));
    if (ek__text_is(&in->at, ']')) return next(in);
    if (!ek__text_is(&in->at, ',')) return expected_for(in, "a list: ',' or ']' must follow", f);
    EK_TRY(next(in));
  }
}

/* Jumps over everything up to the bracket that matches the one at the cursor. */
static ek_code skip_brackets(ek__text_in *in) {
  char closers[EK__PROTO_MAX_DEPTH];
  int n = 0;
  do {
    const char c = in->at.kind == EK__TEXT_SYMBOL ? *in->at.begin : '\0';
    if (in->at.kind == EK__TEXT_END) return expected(in, "a bracket is not closed");
    if (c == '{' || c == '<' || c == '[') {
      if (n == EK__PROTO_MAX_DEPTH) return expected(in, "messages are nested more than 100 deep");
      closers[n++] = c == '{' ? '}' : c == '<' ? '>' : ']';
    } else if (c == '}' || c == '>' || c == ']') {
      if (c != closers[--n]) return expected(in, "brackets do not match");
    }
    EK_TRY(next(in));
  } while (n > 0);
  return EK_OK;
}

/* "[name] value": the cursor stands on the bracket. */
static ek_code skip_extension(ek__text_in *in) {
  EK_TRY(skip_brackets(in));
  const bool colon = ek__text_is(&in->at, ':');
  if (colon) EK_TRY(next(in));
  if (ek__text_is(&in->at, '{') || ek__text_is(&in->at, '<') || (colon && ek__text_is(&in->at, '['))) {
    return skip_brackets(in);
  }
  if (ek__text_is(&in->at, '-')) EK_TRY(next(in));
  if (!colon || in->at.kind == EK__TEXT_SYMBOL || in->at.kind == EK__TEXT_END) return expected(in, "expected a value");
  const bool is_string = in->at.kind == EK__TEXT_STRING;
  do {
    EK_TRY(next(in));
  } while (is_string && in->at.kind == EK__TEXT_STRING);
  return EK_OK;
}

/* The field whose name stands at the cursor; an error if there is none or it may not come again. */
static ek_code find_field(ek__text_in *in, const ProtobufCMessage *m, uint64_t *seen,
                          const ProtobufCFieldDescriptor **field) {
  const ProtobufCMessageDescriptor *d = m->descriptor;
  const ProtobufCFieldDescriptor *f = NULL;
  char problem[120];
  if (in->at.kind != EK__TEXT_NAME) return expected(in, "expected the name of a field");
  for (unsigned i = 0; i < d->n_fields && f == NULL; i++) {
    if (ek__text_is_name(&in->at, d->fields[i].name)) f = &d->fields[i];
  }
  if (f == NULL) {
    (void)snprintf(problem, sizeof problem, "%.60s has no such field", d->short_name);
    return expected(in, problem);
  }
  if (f->label != PROTOBUF_C_LABEL_REPEATED) {
    const uint64_t bit = UINT64_C(1) << ((size_t)(f - d->fields) % 64);
    const bool oneof = (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
    const char *which = (const char *)m + f->quantifier_offset;
    if ((*seen & bit) != 0 || (oneof && *(const uint32_t *)(const void *)which != 0)) {
      (void)snprintf(problem, sizeof problem, "%.60s: a second value", d->short_name);
      return expected(in, problem);
    }
    *seen |= bit;
  }
  *field = f;
  return EK_OK;
}

/* Fields up to closer (consumed), or to the end of the text if it is '\0'. */
static ek_code read_fields(ek__text_in *in, ProtobufCMessage *m, char closer, int depth) {
  uint64_t seen = 0;
  for (;;) {
    if (closer == '\0' && in->at.kind == EK__TEXT_END) return EK_OK;
    if (closer != '\0' && ek__text_is(&in->at, closer)) return next(in);
    if (ek__text_is(&in->at, '[')) {
      EK_TRY(skip_extension(in));
    } else {
      const ProtobufCFieldDescriptor *f = NULL;
      EK_TRY(find_field(in, m, &seen, &f));
      EK_TRY(next(in));
      EK_TRY(read_field(in, m, f, depth));
    }
    if (ek__text_is(&in->at, ',') || ek__text_is(&in->at, ';')) EK_TRY(next(in));
  }
}

ek_code ek__text_read(const ProtobufCMessageDescriptor *d, const char *text, size_t size, const char *what,
                      const ek_allocator *a, ProtobufCMessage **out, ek_status *st) {
  *out = NULL;
  EK_REQUIRE(size <= INT32_MAX, st, EK_INVALID_ARGUMENT, "%s: %zu bytes, a %s has less than 2 GB", what, size,
             d->short_name);
  ek__text_in in = {.what = what, .st = st};
  ek__proto_heap_init(&in.heap, a, size);
  EK_TRY(ek__text_begin(&in.at, size == 0 ? "" : text, size, what, st));
  ProtobufCMessage *m = ek__proto_heap_alloc(&in.heap, d->sizeof_message);
  if (m == NULL) return ek__proto_heap_error(&in.heap, what, st);
  protobuf_c_message_init(d, m);
  const ek_code code = read_fields(&in, m, '\0', 1);
  if (code != EK_OK) {
    ek__proto_free(a, m);
    return code;
  }
  *out = m;
  return EK_OK;
}
