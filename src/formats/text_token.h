/* SPDX-License-Identifier: Apache-2.0 */
/* The tokens of the text form of protocol buffers. */
#ifndef EK_FORMATS_TEXT_TOKEN_H
#define EK_FORMATS_TEXT_TOKEN_H

#include "base/status.h"

typedef enum ek__text_kind {
  EK__TEXT_END,
  EK__TEXT_NAME,   /* [A-Za-z_][A-Za-z0-9_]* */
  EK__TEXT_NUMBER, /* begins with a digit, or with a point and a digit; whether it is one is seen when it is used */
  EK__TEXT_STRING, /* with its quotes, escapes as they stand */
  EK__TEXT_SYMBOL  /* any other character */
} ek__text_kind;

/* Where reading stands, and the token there. Copied to come back to a place. */
typedef struct ek__text_cursor {
  const char *next, *end, *line_begin;
  int line;
  ek__text_kind kind;
  const char *begin; /* of the token */
  size_t size;
} ek__text_cursor;

/* Stands on the first token of text. */
ek_code ek__text_begin(ek__text_cursor *c, const char *text, size_t size, const char *what, ek_status *st);
/* To the next token; skips blanks and comments. INVALID_ARGUMENT: a string without end. */
ek_code ek__text_next(ek__text_cursor *c, const char *what, ek_status *st);
/* The token is the symbol s. */
bool ek__text_is(const ek__text_cursor *c, char s);
/* The token is the name s. */
bool ek__text_is_name(const ek__text_cursor *c, const char *s);
/* INVALID_ARGUMENT "file:line:column: problem 'token'". */
ek_code ek__text_error(const ek__text_cursor *c, const char *what, const char *problem, ek_status *st);

/* The bytes of the string token, escapes resolved, into out, which has room for its size. Never more bytes than the
 * token. */
ek_code ek__text_unescape(const ek__text_cursor *c, const char *what, char *out, size_t *size, ek_status *st);

#endif
