/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/text_token.h"

#include <stdio.h>
#include <string.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

ek_code ek__text_error(const ek__text_cursor *c, const char *what, const char *problem, ek_status *st) {
  const int column = (int)(c->begin - c->line_begin) + 1;
  if (c->kind == EK__TEXT_END) {
    return ek_status_set(st, EK_INVALID_ARGUMENT, "%s:%d:%d: %s, found the end", what, c->line, column, problem);
  }
  char found[4 * 40 + 1]; /* what is no text may be meant for the terminal */
  size_t used = 0;
  for (size_t i = 0; i < c->size && i < 40; i++) {
    const unsigned char byte = (unsigned char)c->begin[i];
    const char *form = byte < 32 || byte > 126 ? "\\x%02x" : "%c";
    used += (size_t)snprintf(found + used, sizeof found - used, form, byte);
  }
  found[used] = '\0';
  return ek_status_set(st, EK_INVALID_ARGUMENT, "%s:%d:%d: %s, found '%s'", what, c->line, column, problem, found);
}

static void skip_blanks(ek__text_cursor *c) {
  for (; c->next < c->end; c->next++) {
    if (*c->next == '#') {
      const char *newline = memchr(c->next, '\n', (size_t)(c->end - c->next));
      c->next = newline == NULL ? c->end : newline;
      if (newline == NULL) return;
    }
    if (*c->next == '\n') {
      c->line++;
      c->line_begin = c->next + 1;
    } else if (*c->next != ' ' && *c->next != '\t' && *c->next != '\r' && *c->next != '\v' && *c->next != '\f') {
      return;
    }
  }
}

ek_code ek__text_next(ek__text_cursor *c, const char *what, ek_status *st) {
  skip_blanks(c);
  const char *p = c->begin = c->next;
  if (p == c->end) {
    c->kind = EK__TEXT_END;
  } else if (is_letter(*p)) {
    c->kind = EK__TEXT_NAME;
    while (p < c->end && (is_letter(*p) || is_digit(*p))) p++;
  } else if (is_digit(*p) || (*p == '.' && p + 1 < c->end && is_digit(p[1]))) {
    c->kind = EK__TEXT_NUMBER;
    const bool hexadecimal = *p == '0' && p + 1 < c->end && (p[1] == 'x' || p[1] == 'X');
    while (p < c->end && (is_letter(*p) || is_digit(*p) || *p == '.' ||
                          ((*p == '+' || *p == '-') && !hexadecimal && (p[-1] == 'e' || p[-1] == 'E')))) {
      p++;
    }
  } else if (*p == '"' || *p == '\'') {
    c->kind = EK__TEXT_STRING;
    const char quote = *p++;
    while (p < c->end && *p != quote && *p != '\n') p += *p == '\\' && c->end - p > 1 ? 2 : 1;
    c->size = (size_t)(p - c->begin);
    if (p == c->end || *p != quote) return ek__text_error(c, what, "expected a string that ends on its line", st);
    p++;
  } else {
    c->kind = EK__TEXT_SYMBOL;
    p++;
  }
  c->size = (size_t)(p - c->begin);
  c->next = p;
  return EK_OK;
}

ek_code ek__text_begin(ek__text_cursor *c, const char *text, size_t size, const char *what, ek_status *st) {
  *c = (ek__text_cursor){.next = text, .end = text + size, .line_begin = text, .line = 1};
  return ek__text_next(c, what, st);
}

bool ek__text_is(const ek__text_cursor *c, char s) { return c->kind == EK__TEXT_SYMBOL && *c->begin == s; }

bool ek__text_is_name(const ek__text_cursor *c, const char *s) {
  return c->kind == EK__TEXT_NAME && strlen(s) == c->size && memcmp(s, c->begin, c->size) == 0;
}

static int digit_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

/* Up to max digits of base at *p; -1: fewer than min. */
static int64_t read_digits(const char **p, const char *end, int base, int min, int max) {
  int64_t value = 0;
  int n = 0;
  for (; n < max && *p < end && digit_value(**p) < base; n++, ++*p) value = value * base + digit_value(**p);
  return n < min ? -1 : value;
}

static size_t put_utf8(char *out, int64_t rune) {
  if (rune < 0x80) {
    out[0] = (char)rune;
    return 1;
  }
  const int n = rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;
  static const int lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  for (int i = n - 1; i > 0; i--, rune >>= 6) out[i] = (char)(0x80 | (rune & 0x3f));
  out[0] = (char)(lead[n] | rune);
  return (size_t)n;
}

/* What follows \u or \U; a pair of surrogates in \u is one character. -1: no character. */
static int64_t read_rune(const char **p, const char *end, int digits) {
  const int64_t rune = read_digits(p, end, 16, digits, digits);
  if (rune >= 0xd800 && rune < 0xdc00 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u') {
    *p += 2;
    const int64_t low = read_digits(p, end, 16, 4, 4);
    return low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((rune - 0xd800) << 10) + (low - 0xdc00) : -1;
  }
  return rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000) ? -1 : rune;
}

/* p stands behind a backslash. The number of bytes put into out; 0: no such escape. */
static size_t unescape_one(const char **p, const char *end, char *out) {
  static const char letters[] = "nrtvfab\\'\"?", meaning[] = "\n\r\t\v\f\a\b\\'\"?";
  if (**p >= '0' && **p <= '7') {
    const int64_t value = read_digits(p, end, 8, 1, 3);
    *out = (char)value;
    return value > 255 ? 0 : 1;
  }
  const char kind = *(*p)++;
  const char *simple = kind == '\0' ? NULL : strchr(letters, kind);
  if (simple != NULL) {
    *out = meaning[simple - letters];
    return 1;
  }
  if (kind == 'x' || kind == 'X') {
    const int64_t value = read_digits(p, end, 16, 1, 2);
    *out = (char)value;
    return value < 0 ? 0 : 1;
  }
  if (kind == 'u' || kind == 'U') {
    const int64_t rune = read_rune(p, end, kind == 'u' ? 4 : 8);
    return rune < 0 ? 0 : put_utf8(out, rune);
  }
  return 0;
}

ek_code ek__text_unescape(const ek__text_cursor *c, const char *what, char *out, size_t *size, ek_status *st) {
  const char *p = c->begin + 1, *end = c->begin + c->size - 1;
  size_t n = 0;
  while (p < end) {
    if (*p != '\\') {
      out[n++] = *p++;
      continue;
    }
    p++;
    const size_t put = unescape_one(&p, end, out + n);
    if (put == 0) return ek__text_error(c, what, "expected a string whose escapes are known", st);
    n += put;
  }
  *size = n;
  return EK_OK;
}
