/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of several files that appears as a whole: filled under a temporary name, then renamed. Messages as in
 * io/file.h. */
#ifndef EK_IO_FOLDER_H
#define EK_IO_FOLDER_H

#include "base/memory.h"

typedef struct ek__out_folder {
  ek__arena arena;
  const char *what;
  const char *path, *temp; /* temp: NULL once it has been renamed */
} ek__out_folder;

/* Makes the temporary folder beside path, and path's parent if that is missing. f may be any memory; after this call,
 * failed or not, ek__out_folder_fini is due. ALREADY_EXISTS: path is there, and no empty folder. */
ek_code ek__out_folder_open(ek__out_folder *f, const char *what, const char *path, const ek_allocator *a,
                            ek_status *st);
/* The path of name ("a/b") in the temporary folder, whose own folders are made; NULL with a status. */
const char *ek__out_folder_path(ek__out_folder *f, const char *name, ek_status *st);
/* Gives the folder its name and syncs the parent. */
ek_code ek__out_folder_rename(ek__out_folder *f, ek_status *st);
/* Gives back everything; removes the temporary folder unless it has been renamed. */
void ek__out_folder_fini(ek__out_folder *f);

#endif
