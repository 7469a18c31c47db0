/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files in and out. Every message reads "WHAT: WHERE: WHY": what kind of file, its path, the reason.
 *
 * An output file is written under a temporary name beside its target and renamed over it when complete and on disk, so
 * that whoever opens the target sees the old contents or the new, whatever happens in between; a failure leaves no file
 * behind. */
#ifndef EK_IO_FILE_H
#define EK_IO_FILE_H

#include "base/memory.h"

#include <stdio.h>

/* Sets the status from an errno value: NOT_FOUND, PERMISSION_DENIED, RESOURCE_EXHAUSTED (no space, too many files),
 * ALREADY_EXISTS, FAILED_PRECONDITION (a folder where a file should be, or the reverse), else UNKNOWN. */
ek_code ek__file_error(ek_status *st, const char *what, const char *path, int error);

bool ek__file_exists(const char *path); /* anything of that name, a broken link too */

/* A file of at most limit bytes as one block from a, with a NUL that *size does not count; free with
 * ek__free(a, *bytes, *size + 1). More than limit: RESOURCE_EXHAUSTED. */
ek_code ek__file_read(const char *what, const char *path, size_t limit, const ek_allocator *a, char **bytes,
                      size_t *size, ek_status *st);

/* Opens a regular file for reading and tells its size. */
ek_code ek__file_open(const char *what, const char *path, int *fd, uint64_t *size, ek_status *st);
/* Reads exactly size bytes at offset; DATA_LOSS if the file ends before. */
ek_code ek__file_pread(const char *what, const char *path, int fd, void *bytes, size_t size, uint64_t offset,
                       ek_status *st);

typedef struct ek__out_file {
  const ek_allocator *allocator;
  const char *what; /* borrowed */
  char *path, *temp;
  size_t path_size, temp_size;
  uint8_t *buffer;
  size_t used;
  int fd;
  bool named; /* a file of the temporary name exists */
} ek__out_file;

/* Makes the temporary file. f may be any memory; after this call, failed or not, ek__out_file_fini is due. */
ek_code ek__out_file_open(ek__out_file *f, const char *what, const char *path, const ek_allocator *a, ek_status *st);
ek_code ek__out_file_write(ek__out_file *f, const void *bytes, size_t size, ek_status *st);
/* Everything written so far is on disk and the file is closed. */
ek_code ek__out_file_sync(ek__out_file *f, ek_status *st);
/* Renames over the target and syncs the folder; only after ek__out_file_sync. */
ek_code ek__out_file_rename(ek__out_file *f, ek_status *st);
/* Gives back everything; removes the temporary file unless it has been renamed. */
void ek__out_file_fini(ek__out_file *f);

/* path := bytes, in one step. */
ek_code ek__file_replace(const char *what, const char *path, const void *bytes, size_t size, ek_status *st);
/* Removes path if it is there and syncs the folder: it stays removed after a power cut. */
ek_code ek__file_remove(const char *what, const char *path, ek_status *st);
/* Entries of path's folder on disk. */
ek_code ek__file_sync_folder(const char *what, const char *path, ek_status *st);
/* A name beside path that no other call and no other process uses; allocated, *size bytes. */
char *ek__file_temp_name(const char *path, const ek_allocator *a, size_t *size);

#endif
