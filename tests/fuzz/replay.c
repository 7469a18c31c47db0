/* SPDX-License-Identifier: Apache-2.0 */
/* replay FOLDER: gives the target every file of its corpus, whole, cut short at many places, and with single bytes
 * changed. Each input lies in memory of exactly its size, so that AddressSanitizer sees the first byte too many. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES = 512 }; /* how many cuts, and how many changed bytes, a file gets at most */

static void give(const uint8_t *bytes, size_t size) {
  uint8_t *exact = malloc(size > 0 ? size : 1);
  if (exact == NULL) abort();
  memcpy(exact, bytes, size);
  (void)LLVMFuzzerTestOneInput(exact, size);
  free(exact);
}

static void give_with_damage(uint8_t *bytes, size_t size) {
  const size_t step = size / PLACES + 1;
  give(bytes, size);
  for (size_t i = 0; i < size; i += step) {
    static const uint8_t changes[] = {0x01, 0x80, 0xff};
    give(bytes, i);
    for (size_t k = 0; k < sizeof changes; k++) {
      bytes[i] ^= changes[k];
      give(bytes, size);
      bytes[i] ^= changes[k];
    }
  }
}

static int replay(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return perror(path), 1;
  static uint8_t bytes[1 << 20];
  const size_t size = fread(bytes, 1, sizeof bytes, file);
  (void)fclose(file);
  give_with_damage(bytes, size);
  return 0;
}

int main(int argc, char **argv) {
  DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
  if (folder == NULL) return (void)fprintf(stderr, "replay: no corpus %s\n", argc == 2 ? argv[1] : ""), 1;
  int files = 0, failed = 0;
  for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    char path[4096];
    if (entry->d_name[0] == '.') continue;
    if (snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name) >= (int)sizeof path) return 1;
    failed += replay(path);
    files++;
  }
  (void)closedir(folder);
  printf("%d files replayed\n", files);
  return failed > 0 || files == 0;
}
