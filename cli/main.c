/* SPDX-License-Identifier: Apache-2.0 */
/* evenkeel: finds the command and runs it. */
#include "cli.h"

#include <signal.h>
#include <string.h>

const command *const commands[] = {
#define X(name) &command_##name,
    EK_COMMANDS(X)
#undef X
};
const int n_commands = (int)(sizeof commands / sizeof commands[0]);

static int help(FILE *to) {
  (void)fprintf(
      to, "usage: evenkeel COMMAND [OPTION]...\n\nBatch normalization: train a network, serve it, look into it.\n\n");
  for (int i = 0; i < n_commands; i++) (void)fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
  (void)fprintf(to, "\n  evenkeel COMMAND --help tells more; evenkeel --version says which one this is.\n"
                    "  evenkeel train alone learns the bundled digits.\n");
  return to == stdout ? EXIT_DONE : EXIT_USAGE;
}

static int flush(int status) { /* a full disk behind standard output is a failure like any other */
  if ((fflush(stdout) != 0 || ferror(stdout)) && status == EXIT_DONE) return fail("writing", "standard output", NULL);
  return status;
}

int main(int argc, char **argv) {
  (void)signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a failed write, with its one line */
  if (argc < 2) return help(stderr);
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) return flush(help(stdout));
  if (strcmp(argv[1], "--version") == 0) return (void)printf("evenkeel %s\n", ek_version()), flush(EXIT_DONE);
  for (int i = 0; i < n_commands; i++)
    if (strcmp(argv[1], commands[i]->name) == 0) return flush(commands[i]->run(commands[i], argc - 2, argv + 2));
  (void)fprintf(stderr, "evenkeel: no command '%s': evenkeel --help lists them\n", argv[1]);
  return EXIT_USAGE;
}
