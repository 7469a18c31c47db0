/* SPDX-License-Identifier: Apache-2.0 */
/* evenkeel eval: how good a trained model is, with its moving averages and, beside it, with batch statistics. */
#include "evaluate.h"
#include "print.h"

static json_t *score_to_json(const score *s) {
  return json_pack("{s:o, s:o}", "loss", number_to_json(s->loss), "accuracy", number_to_json(s->accuracy));
}

static int run(const command *self, int argc, char **argv) {
  const char *folder = NULL, *data = NULL;
  int64_t batch = 60, threads = 0;
  bool json = false;
  const option options[] = {
      {"--model", "DIR", "a folder that evenkeel train wrote", OPTION_TEXT, &folder, 0, 0, NULL, NULL},
      OPTION_DATA(&data),
      {"--batch", "N", "examples at a time", OPTION_INT, &batch, 1, 1e9, NULL, NULL},
      OPTION_THREADS(&threads),
      OPTION_JSON(&json),
  };
  enum { N = sizeof options / sizeof options[0] };
  texts words;
  int status = args_parse(self, options, N, argc, argv, &words, 0, 0);
  args_free(options, N, &words);
  if (status >= 0) return status;
  if (folder == NULL) return fail_usage(self, "--model DIR is missing");

  trained t;
  examples e = {0};
  score moving, of_batch;
  status = EXIT_FAILED;
  if (trained_load(&t, folder, threads) && examples_load(&e, data, PART_TEST, 0) &&
      evaluate(t.session, &e, batch, false, &moving) && evaluate(t.session, &e, batch, true, &of_batch)) {
    status = EXIT_DONE;
    if (json) {
      status = print_json(json_pack("{s:I, s:o, s:o}", "examples", (json_int_t)e.n, "moving", score_to_json(&moving),
                                    "batch", score_to_json(&of_batch)),
                          0);
    } else {
      (void)printf("%lld examples, %s\n  moving averages   loss %.4f  accuracy %.4f\n", (long long)e.n, t.prefix,
                   moving.loss, moving.accuracy);
      (void)printf("  batch statistics  loss %.4f  accuracy %.4f  (batches of %lld)\n", of_batch.loss,
                   of_batch.accuracy, (long long)batch);
    }
  }
  examples_free(&e);
  trained_free(&t);
  return status;
}

const command command_eval = {"eval", "scores a trained model on images it has not seen",
                              "--model DIR [--data DIR|FILE.npz] [--batch N] [--json]\n", NULL, run};
