/* SPDX-License-Identifier: Apache-2.0 */
/* Where the figures come from. */
#include "bench.h"

#include "evenkeel/kernels.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

int bench_threads(int64_t asked) { return asked > 0 ? (int)asked : omp_get_max_threads(); }

/* The system says "1024K"; which index holds which level differs between processors. */
int64_t bench_cache_bytes(int level) {
  int64_t bytes = level == 2 ? 1 << 20 : 32 << 20;
  for (int index = 0; index < 8; index++) {
    char path[96];
    int found = 0;
    long kilobytes = 0;
    (void)snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/level", index);
    FILE *f = fopen(path, "r");
    if (f == NULL) break;
    const bool is_level = fscanf(f, "%d", &found) == 1 && found == level;
    (void)fclose(f);
    if (!is_level) continue;
    (void)snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/size", index);
    f = fopen(path, "r");
    if (f != NULL && fscanf(f, "%ldK", &kilobytes) == 1 && kilobytes > 0) bytes = (int64_t)kilobytes << 10;
    if (f != NULL) (void)fclose(f);
  }
  return bytes;
}

static void processor_name(char *name, size_t size) {
  char line[256];
  (void)snprintf(name, size, "unknown");
  FILE *f = fopen("/proc/cpuinfo", "r");
  while (f != NULL && fgets(line, sizeof line, f) != NULL) {
    const char *value = strstr(line, ": ");
    if (strncmp(line, "model name", 10) != 0 || value == NULL) continue;
    line[strcspn(line, "\n")] = '\0';
    (void)snprintf(name, size, "%s", value + 2);
    break;
  }
  if (f != NULL) (void)fclose(f);
}

json_t *bench_machine(void) {
  char cpu[128];
  const ek_kernels *kernels = NULL;
  processor_name(cpu, sizeof cpu);
  const bool found = ek_kernels_get(NULL, &kernels) == EK_KERNELS_OK;
  return json_pack("{s:s, s:i, s:I, s:I, s:s, s:s}", "cpu", cpu, "cores", omp_get_num_procs(), "l2_bytes",
                   (json_int_t)bench_cache_bytes(2), "l3_bytes", (json_int_t)bench_cache_bytes(3), "isa",
                   found ? ek_kernels_name(kernels) : "none", "version", ek_version());
}

int bench_print_json(json_t *results) {
  json_t *all = json_pack("{s:o, s:o}", "machine", bench_machine(), "results", results);
  if (all == NULL || json_dumpf(all, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(6)) != 0) {
    json_decref(all);
    return fail("writing", "standard output", NULL);
  }
  (void)putchar('\n');
  json_decref(all);
  return EXIT_DONE;
}
