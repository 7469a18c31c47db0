/* SPDX-License-Identifier: Apache-2.0 */
/* The text form of protocol buffers (.pbtxt, the file "checkpoint"), for any message, by its descriptor. */
#ifndef EK_FORMATS_TEXT_H
#define EK_FORMATS_TEXT_H

#include "formats/wire.h"

/* The message of type d in text, which need not end with NUL. Limits, memory and freeing as for ek__proto_unpack.
 * An entry in brackets (an extension, an expanded Any) is skipped; any other name that is no field of its message is an
 * error. INVALID_ARGUMENT, with line and column: what does not follow the syntax, a value that its field cannot hold, a
 * single field given twice, nesting over EK__PROTO_MAX_DEPTH. */
ek_code ek__text_read(const ProtobufCMessageDescriptor *d, const char *text, size_t size, const char *what,
                      const ek_allocator *a, ProtobufCMessage **out, ek_status *st);

/* m as text, character for character what TensorFlow's Python writes for the same message. Unknown fields have no text
 * form that could be read again and are left out. *text ends with a NUL that *size does not count; free it with
 * ek__free(a, *text, *size + 1). */
ek_code ek__text_write(const ProtobufCMessage *m, const ek_allocator *a, char **text, size_t *size, ek_status *st);

/* Numbers in C notation, whatever the locale of the process. */
enum { EK__NUMBER_TEXT = 40 };
/* The shortest decimal that reads back as value: "1.0", "0.1", "1e-05", "inf", "nan". */
const char *ek__text_double(double value, char buf[EK__NUMBER_TEXT]);
const char *ek__text_float(float value, char buf[EK__NUMBER_TEXT]);
/* All n characters of s as an unsigned decimal number, "inf", "infinity" or "nan" (any case); false: they are none. */
bool ek__text_to_double(const char *s, size_t n, double *value);
float ek__text_to_float(double value); /* rounded, beyond the range infinity */

#endif
