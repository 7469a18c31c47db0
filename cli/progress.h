/* SPDX-License-Identifier: Apache-2.0 */
/* A line on standard error that says how far a long command is. It shows on a terminal, or where --progress asks for it
 * as plain lines. */
#ifndef EK_CLI_PROGRESS_H
#define EK_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct progress {
  bool lines;          /* shown at all */
  bool bar;            /* on a terminal: one line, drawn again */
  bool unicode;        /* of the locale */
  int64_t from, to;    /* steps */
  double began, shown; /* seconds */
} progress;

#define OPTION_PROGRESS(value_)                                                                                        \
  {                                                                                                                    \
    "--progress", NULL, "tell the progress even where standard error is no terminal", OPTION_FLAG, (value_), 0, 0,     \
        NULL, NULL                                                                                                     \
  }

void progress_begin(progress *p, int64_t from, int64_t to, bool asked);
/* After step: a few times a second on a terminal; as lines, when it is due (a tenth of the way). */
void progress_step(progress *p, int64_t step, double loss, double accuracy);
/* The last state, and an end to the line. */
void progress_end(progress *p);
/* Before something else is written: the bar's line is wiped. */
void progress_hide(void);

double now_seconds(void); /* of a clock that only goes forward */
bool wants_unicode(void);

#endif
