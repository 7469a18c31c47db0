/* SPDX-License-Identifier: Apache-2.0 */
/* Protobuf's text form, as far as a CheckpointState needs it: strings and doubles. */
#include "io/checkpoint_state.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers have a decimal point whatever the program's locale says. This thread only; plain may be none. */
static locale_t use_locale(locale_t plain) { return plain != (locale_t)0 ? uselocale(plain) : (locale_t)0; }

static void drop_locale(locale_t plain, locale_t old) {
  if (plain == (locale_t)0) return;
  (void)uselocale(old);
  freelocale(plain);
}

/* ---- writing ---- */

static ek_code put_text(ek__buffer *out, const char *s, ek_status *st) {
  return ek__buffer_append(out, s, strlen(s), st);
}

static ek_code put_escaped(ek__buffer *out, const char *s, ek_status *st) {
  static const char plain[] = "\n\r\t\"'\\", letter[] = "nrt\"'\\";
  for (; *s != '\0'; s++) {
    char text[8] = {*s, '\0'};
    const char *at = strchr(plain, *s);
    if (at != NULL)
      (void)snprintf(text, sizeof text, "\\%c", letter[at - plain]);
    else if ((unsigned char)*s < 0x20 || (unsigned char)*s >= 0x7f)
      (void)snprintf(text, sizeof text, "\\%03o", (unsigned)(unsigned char)*s);
    EK_TRY(put_text(out, text, st));
  }
  return EK_OK;
}

static ek_code put_path(ek__buffer *out, const char *field, const char *path, ek_status *st) {
  EK_TRY(put_text(out, field, st));
  EK_TRY(put_text(out, ": \"", st));
  EK_TRY(put_escaped(out, path, st));
  return put_text(out, "\"\n", st);
}

/* The fewest digits that read back as the same double, and a ".0" on whole numbers. */
static ek_code put_double(ek__buffer *out, const char *field, double v, ek_status *st) {
  char number[40], line[120];
  for (int digits = 15; digits <= 17; digits++) {
    (void)snprintf(number, sizeof number, "%.*g", digits, v);
    if (strtod(number, NULL) == v) break;
  }
  const bool whole = strpbrk(number, ".en") == NULL; /* n: inf, nan */
  (void)snprintf(line, sizeof line, "%s: %s%s\n", field, number, whole ? ".0" : "");
  return put_text(out, line, st);
}

static ek_code format(const ek_checkpoint_state *state, ek__buffer *out, ek_status *st) {
  EK_TRY(put_path(out, "model_checkpoint_path", state->model_checkpoint_path, st));
  for (int i = 0; i < state->num_paths; i++)
    EK_TRY(put_path(out, "all_model_checkpoint_paths", state->all_model_checkpoint_paths[i], st));
  for (int i = 0; i < state->num_timestamps; i++)
    EK_TRY(put_double(out, "all_model_checkpoint_timestamps", state->all_model_checkpoint_timestamps[i], st));
  if (state->last_preserved_timestamp != 0.0)
    EK_TRY(put_double(out, "last_preserved_timestamp", state->last_preserved_timestamp, st));
  return EK_OK;
}

ek_code ek__checkpoint_state_format(const ek_checkpoint_state *state, ek__buffer *out, ek_status *st) {
  const locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0), old = use_locale(plain);
  const ek_code code = format(state, out, st);
  drop_locale(plain, old);
  return code;
}

/* ---- reading ---- */

typedef struct parser {
  const char *where, *text, *p, *end;
  ek__arena *arena;
  ek__buffer scratch;
  const char **paths;
  double *stamps;
  int num_paths, paths_capacity, num_stamps, stamps_capacity;
} parser;

static ek_code wrong(const parser *s, const char *why, ek_status *st) {
  int line = 1;
  for (const char *q = s->text; q < s->p; q++) line += *q == '\n';
  return ek_status_set(st, EK_DATA_LOSS, "checkpoint: %s: line %d: %s", s->where, line, why);
}

static void skip_blanks(parser *s) {
  for (; s->p < s->end; s->p++) {
    if (*s->p == '#')
      while (s->p < s->end && *s->p != '\n') s->p++;
    if (s->p < s->end && strchr(" \t\r\n\f\v", *s->p) == NULL) return; /* NUL is no blank: strchr would find it */
    if (s->p < s->end && *s->p == '\0') return;
  }
}

static bool take(parser *s, char c) {
  skip_blanks(s);
  if (s->p >= s->end || *s->p != c) return false;
  s->p++;
  return true;
}

static int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

/* Up to most digits of a base; -1 if there is none. */
static long take_digits(parser *s, int base, int most) {
  long v = -1;
  for (int i = 0; i < most && s->p < s->end && digit_of(*s->p) < base; i++)
    v = (v < 0 ? 0 : v * base) + digit_of(*s->p++);
  return v;
}

static size_t put_utf8(char *out, long c) {
  if (c < 0x80) return out[0] = (char)c, 1;
  if (c < 0x800) return out[0] = (char)(0xc0 | c >> 6), out[1] = (char)(0x80 | (c & 0x3f)), 2;
  const int more = c < 0x10000 ? 2 : 3;
  out[0] = (char)((more == 2 ? 0xe0 : 0xf0) | c >> (6 * more));
  for (int i = 1; i <= more; i++) out[i] = (char)(0x80 | (c >> (6 * (more - i)) & 0x3f));
  return (size_t)more + 1;
}

/* After a backslash. The bytes it stands for into out (at most 4: less than the escape took); false if it is none. */
static bool take_escape(parser *s, char *out, size_t *n) {
  static const char letter[] = "abfnrtv\\'\"?", value[] = "\a\b\f\n\r\t\v\\'\"?";
  const char c = s->p < s->end ? *s->p : '\0';
  const char *at = c != '\0' ? strchr(letter, c) : NULL;
  long v = -1;
  *n = 1;
  if (at != NULL) {
    s->p++;
    out[0] = value[at - letter];
    return true;
  }
  if (digit_of(c) < 8) {
    v = take_digits(s, 8, 3);
  } else if (c == 'x' || c == 'X') {
    s->p++;
    v = take_digits(s, 16, 2);
  } else if (c == 'u' || c == 'U') {
    s->p++;
    v = take_digits(s, 16, c == 'u' ? 4 : 8);
    if (v <= 0 || v > 0x10ffff) return false;
    *n = put_utf8(out, v);
    return true;
  }
  out[0] = (char)(unsigned char)v;
  return v > 0 && v <= 255; /* a path holds no zero byte */
}

/* One or more quoted pieces, joined. */
static ek_code take_string(parser *s, const char **out, ek_status *st) {
  char *to = (char *)s->scratch.data; /* as long as the whole text: no string outgrows it */
  bool any = false;
  for (char quote; skip_blanks(s), s->p < s->end && ((quote = *s->p) == '"' || quote == '\''); any = true) {
    s->p++;
    while (s->p < s->end && *s->p != quote) {
      size_t n = 1;
      if (*s->p == '\n' || *s->p == '\0') return wrong(s, "a string is not closed", st);
      if (*s->p != '\\') {
        *to++ = *s->p++;
        continue;
      }
      s->p++;
      if (!take_escape(s, to, &n)) return wrong(s, "an escape in a string is malformed", st);
      to += n;
    }
    if (!take(s, quote)) return wrong(s, "a string is not closed", st);
  }
  if (!any) return wrong(s, "a quoted string was expected", st);
  const size_t size = (size_t)(to - (char *)s->scratch.data);
  *out = ek__arena_strndup(s->arena, (const char *)s->scratch.data, size);
  return *out != NULL ? EK_OK : ek__no_memory(st, s->where, size);
}

static ek_code take_double(parser *s, double *out, ek_status *st) {
  char *end = NULL;
  skip_blanks(s);
  *out = strtod(s->p, &end); /* the text ends with a NUL */
  if (end == s->p) return wrong(s, "a number was expected", st);
  s->p = end;
  if (s->p < s->end && (*s->p == 'f' || *s->p == 'F')) s->p++;
  return EK_OK;
}

static ek_code add_path(parser *s, ek_status *st) {
  EK_TRY(ek__grow(s->arena->allocator, &s->paths, &s->paths_capacity, s->num_paths + 1, sizeof *s->paths, st));
  EK_TRY(take_string(s, &s->paths[s->num_paths], st));
  s->num_paths++;
  return EK_OK;
}

static ek_code add_stamp(parser *s, ek_status *st) {
  EK_TRY(ek__grow(s->arena->allocator, &s->stamps, &s->stamps_capacity, s->num_stamps + 1, sizeof *s->stamps, st));
  EK_TRY(take_double(s, &s->stamps[s->num_stamps], st));
  s->num_stamps++;
  return EK_OK;
}

static ek_code repeated(parser *s, ek_code (*one)(parser *, ek_status *), ek_status *st) {
  if (!take(s, '[')) return one(s, st);
  if (take(s, ']')) return EK_OK;
  do EK_TRY(one(s, st));
  while (take(s, ','));
  return take(s, ']') ? EK_OK : wrong(s, "',' or ']' was expected", st);
}

static ek_code parse_fields(parser *s, ek_checkpoint_state *state, ek_status *st) {
  for (skip_blanks(s); s->p < s->end; skip_blanks(s)) {
    const char *name = s->p;
    while (s->p < s->end && (digit_of(*s->p) < 16 || *s->p == '_' || (*s->p >= 'a' && *s->p <= 'z'))) s->p++;
    const size_t n = (size_t)(s->p - name);
    const char *const fields[] = {"model_checkpoint_path", "all_model_checkpoint_paths",
                                  "all_model_checkpoint_timestamps", "last_preserved_timestamp"};
    int field = 0;
    while (field < 4 && (strlen(fields[field]) != n || memcmp(fields[field], name, n) != 0)) field++;
    if (field == 4) return wrong(s, "a field of CheckpointState was expected", st);
    if (!take(s, ':')) return wrong(s, "':' was expected", st);
    if (field == 0) EK_TRY(take_string(s, &state->model_checkpoint_path, st));
    if (field == 1) EK_TRY(repeated(s, add_path, st));
    if (field == 2) EK_TRY(repeated(s, add_stamp, st));
    if (field == 3) EK_TRY(take_double(s, &state->last_preserved_timestamp, st));
    if (!take(s, ',')) (void)take(s, ';');
  }
  return EK_OK;
}

static ek_code keep_arrays(parser *s, ek_checkpoint_state *state, ek_status *st) {
  const char **paths = ek__arena_array(s->arena, (size_t)s->num_paths, sizeof *paths);
  double *stamps = ek__arena_array(s->arena, (size_t)s->num_stamps, sizeof *stamps);
  if (paths == NULL || stamps == NULL) return ek__no_memory(st, s->where, (size_t)s->num_paths * sizeof *paths);
  if (s->num_paths > 0) memcpy(paths, s->paths, (size_t)s->num_paths * sizeof *paths);
  if (s->num_stamps > 0) memcpy(stamps, s->stamps, (size_t)s->num_stamps * sizeof *stamps);
  state->all_model_checkpoint_paths = paths;
  state->num_paths = s->num_paths;
  state->all_model_checkpoint_timestamps = stamps;
  state->num_timestamps = s->num_stamps;
  return EK_OK;
}

ek_code ek__checkpoint_state_parse(const char *where, const char *text, size_t size, ek__arena *arena,
                                   ek_checkpoint_state *state, ek_status *st) {
  parser s = {.where = where, .text = text, .p = text, .end = text + size, .arena = arena};
  *state = (ek_checkpoint_state){.model_checkpoint_path = NULL};
  ek__buffer_init(&s.scratch, arena->allocator);
  const locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0), old = use_locale(plain);
  ek_code code = ek__buffer_reserve(&s.scratch, size + 8, st);
  if (code == EK_OK) code = parse_fields(&s, state, st);
  if (code == EK_OK) code = keep_arrays(&s, state, st);
  drop_locale(plain, old);
  ek__buffer_fini(&s.scratch);
  ek__free(arena->allocator, s.paths, (size_t)s.paths_capacity * sizeof *s.paths);
  ek__free(arena->allocator, s.stamps, (size_t)s.stamps_capacity * sizeof *s.stamps);
  return code;
}
