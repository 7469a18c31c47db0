/* SPDX-License-Identifier: Apache-2.0 */
/* TFRecord files, the frame of event files: length, its masked crc, bytes, their masked crc. A file grows record by
 * record and is readable up to the last flush; unlike other files it is not replaced in one step. */
#ifndef EK_IO_RECORD_H
#define EK_IO_RECORD_H

#include "base/memory.h"

typedef struct ek__record_writer ek__record_writer;

/* Makes or empties path. */
ek_code ek__record_writer_new(const char *path, const ek_allocator *a, ek__record_writer **out, ek_status *st);
ek_code ek__record_writer_add(ek__record_writer *w, const void *bytes, size_t size, ek_status *st);
/* Hands what was added to the operating system; readers see it. */
ek_code ek__record_writer_flush(ek__record_writer *w, ek_status *st);
/* Flushes and closes; a loss shows here at the latest. w is freed in any case; NULL is accepted. */
ek_code ek__record_writer_close(ek__record_writer *w, ek_status *st);

typedef struct ek__record_reader ek__record_reader;

ek_code ek__record_reader_new(const char *path, const ek_allocator *a, ek__record_reader **out, ek_status *st);
void ek__record_reader_free(ek__record_reader *r); /* accepts NULL */
/* The next record, borrowed until the next call; *bytes NULL at the end of the file. DATA_LOSS: a wrong checksum, or a
 * record that is cut off (which the last one of a file still being written may be). */
ek_code ek__record_reader_next(ek__record_reader *r, const uint8_t **bytes, size_t *size, ek_status *st);

#endif
