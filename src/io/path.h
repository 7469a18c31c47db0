/* SPDX-License-Identifier: Apache-2.0 */
/* File names as text; the file system is only asked for the current folder. NULL: out of memory. */
#ifndef EK_IO_PATH_H
#define EK_IO_PATH_H

#include "base/memory.h"

bool ek__path_is_absolute(const char *path);
/* folder/name; name alone if it is absolute or folder is empty. */
const char *ek__path_join(ek__arena *arena, const char *folder, const char *name);
/* path as seen from folder ("../x", "."), both taken from the current folder if relative, "." and ".." resolved as
 * text. */
const char *ek__path_relative(ek__arena *arena, const char *path, const char *folder);

#endif
