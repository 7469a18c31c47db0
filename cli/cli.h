/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands share: the table of commands, options, errors. One file per command; each sees only the public API.
 */
#ifndef EK_CLI_CLI_H
#define EK_CLI_CLI_H

#include "evenkeel/evenkeel.h"
#include "evenkeel/kernels.h"

#include <stdio.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

typedef struct command {
  const char *name, *summary;
  const char *usage; /* lines after "usage: evenkeel NAME", each ended by \n */
  const char *notes; /* what --help says below the options; may be NULL */
  int (*run)(const struct command *self, int argc, char **argv); /* argv without program and command; the exit status */
} command;

#define EK_COMMANDS(X) X(train) X(eval) X(predict) X(run) X(inspect) X(freeze) X(convert) X(bench) X(info)
#define X(name)        extern const command command_##name;
EK_COMMANDS(X)
#undef X
extern const command *const commands[];
extern const int n_commands;

/* ---- options (args.c) */

typedef struct texts { /* of a repeatable option, or the words that are no options; borrowed from argv */
  const char **at;
  int n;
} texts;

typedef enum option_kind {
  OPTION_FLAG,   /* bool *: --json */
  OPTION_TEXT,   /* const char **: --out DIR */
  OPTION_TEXTS,  /* texts *: may be given again */
  OPTION_INT,    /* int64_t *: between min and max */
  OPTION_NUMBER, /* double *: between min and max */
  OPTION_CHOICE  /* const char **: one of choices ("a|b|c") */
} option_kind;

typedef struct option {
  const char *name; /* with its dashes */
  const char *metavar;
  const char *help;
  option_kind kind;
  void *value; /* holds the default, if any */
  double min, max;
  const char *choices;
  bool *given; /* set to true when the option appears; may be NULL */
} option;

/* Reads argv: "--name value", "--name=value", "--" ends options, -h and --help print the command's help. words: what is
 * left, at least min_words and at most max_words of them. Negative: go on; else the exit status to return at once (the
 * one line of an error is printed). Free with args_free, whatever came back. */
int args_parse(const command *self, const option *options, int n_options, int argc, char **argv, texts *words,
               int min_words, int max_words);
void args_free(const option *options, int n_options, texts *words);

/* The options that every computing command takes. */
#define OPTION_THREADS(value_)                                                                                         \
  { "--threads", "N", "threads to compute with (default: all cores)", OPTION_INT, (value_), 0, 1024, NULL, NULL }
#define OPTION_JSON(value_)                                                                                            \
  { "--json", NULL, "one JSON document on standard output", OPTION_FLAG, (value_), 0, 0, NULL, NULL }

/* ---- errors: "evenkeel: WHAT: WHERE: WHY" on standard error; WHERE and WHY may be NULL */
int fail(const char *what, const char *where, const char *why); /* returns EXIT_FAILED */
int fail_status(const char *what, const char *where, const ek_status *st);
int fail_io(const ek_status *st); /* of a call that reads or writes a file: its message has all three parts */
int fail_file(const char *what, const char *path, const ek_status *st); /* adds those that its message lacks */
int failf(const char *what, const char *where, const char *fmt, ...) EK_PRINTF(3, 4);
int fail_usage(const command *self, const char *fmt, ...) EK_PRINTF(2, 3); /* and how to get help; returns EXIT_USAGE */

/* malloc that ends in the one line of an error and exit 1: the command has nothing to undo. */
void *need_memory(size_t count, size_t size);

/* Asked before the work begins: the kernels of this processor, or those that EK_ISA names; NULL and the one line if it
 * names none. */
const ek_kernels *kernels_here(const char *what);

/* Asked before the work begins: a file of this path can be written, as far as its folder tells; else the one line. */
bool can_write(const char *what, const char *path);

char *textf(const char *fmt, ...) EK_PRINTF(1, 2); /* a formatted copy, to be freed */

/* Splits "NAME=FILE" at the first '='; false if there is none, or an empty side. name is a copy to be freed. */
bool split_pair(const char *pair, char **name, const char **rest);

#endif
