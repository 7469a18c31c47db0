/* SPDX-License-Identifier: Apache-2.0 */
/* evenkeel info: which library this is, and what it would compute with here. */
#include "cli.h"

#include <jansson.h>
#include <omp.h>

static int print_json(const char *isa, int threads) {
  json_t *sets = json_array();
  for (int i = 0; ek_kernels_list(i) != NULL; i++) (void)json_array_append_new(sets, json_string(ek_kernels_list(i)));
  json_t *all =
      json_pack("{s:s, s:s, s:o, s:i}", "version", ek_version(), "isa", isa, "isas", sets, "threads", threads);
  if (all == NULL || json_dumpf(all, stdout, JSON_INDENT(2)) != 0) return fail("writing", "standard output", NULL);
  (void)putchar('\n');
  json_decref(all);
  return EXIT_DONE;
}

static int run(const command *self, int argc, char **argv) {
  bool json = false;
  const option options[] = {OPTION_JSON(&json)};
  texts words;
  int status = args_parse(self, options, 1, argc, argv, &words, 0, 0);
  args_free(options, 1, &words);
  if (status >= 0) return status;
  const ek_kernels *const kernels = kernels_here("info");
  if (kernels == NULL) return EXIT_FAILED;
  if (json) return print_json(ek_kernels_name(kernels), omp_get_max_threads());
  (void)printf("evenkeel %s\n  instruction set  %s (built:", ek_version(), ek_kernels_name(kernels));
  for (int i = 0; ek_kernels_list(i) != NULL; i++) (void)printf(" %s", ek_kernels_list(i));
  (void)printf(")\n  threads          %d\n", omp_get_max_threads());
  return EXIT_DONE;
}

const command command_info = {"info", "the library, the instruction sets and threads it uses here", "[--json]\n", NULL,
                              run};
