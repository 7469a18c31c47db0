/* SPDX-License-Identifier: Apache-2.0 */
/* evenkeel bench: how fast the kernels and whole models are here, held against yardsticks of the same run. */
#include "bench.h"

#include <string.h>

static int run(const command *self, int argc, char **argv) {
  if (argc > 0 && strcmp(argv[0], "kernels") == 0) return bench_kernels(self, argc - 1, argv + 1);
  if (argc > 0 && strcmp(argv[0], "model") == 0) return bench_model(self, argc - 1, argv + 1);
  texts words;
  int status = args_parse(self, NULL, 0, argc, argv, &words, 0, 1);
  if (status < 0) {
    status = words.n > 0 ? fail_usage(self, "there is no benchmark '%s', only kernels and model", words.at[0])
                         : fail_usage(self, "which one? kernels or model");
  }
  args_free(NULL, 0, &words);
  return status;
}

const command command_bench = {
    "bench", "how fast it is here, beside a yardstick", "kernels [OPTION]...\nmodel [NAME] [OPTION]...\n",
    "Every figure is a ratio of medians taken in turn in one run: kernels against plain loops over memory that move "
    "the\n"
    "same bytes, a model against the same graph without batch normalization. evenkeel bench kernels --help and\n"
    "evenkeel bench model --help tell more.\n",
    run};
