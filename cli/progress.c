/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static bool line_is_open; /* the cursor stands behind a bar */

double now_seconds(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

bool wants_unicode(void) {
  static const char *const from[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  for (size_t i = 0; i < sizeof from / sizeof from[0]; i++) {
    const char *value = getenv(from[i]);
    if (value == NULL || *value == '\0') continue;
    return strstr(value, "UTF-8") != NULL || strstr(value, "utf8") != NULL || strstr(value, "UTF8") != NULL;
  }
  return false;
}

void progress_begin(progress *p, int64_t from, int64_t to, bool asked) {
  const char *term = getenv("TERM");
  const double now = now_seconds();
  *p = (progress){.from = from, .to = to, .began = now, .shown = now};
  p->bar = isatty(STDERR_FILENO) != 0 && (term == NULL || strcmp(term, "dumb") != 0);
  p->lines = asked || p->bar;
  p->unicode = wants_unicode();
}

static void format_time(double seconds, char *text, size_t size) {
  const double whole = ceil(seconds);
  if (!(whole < 360000.0))
    (void)snprintf(text, size, "--:--");
  else if (whole >= 3600.0)
    (void)snprintf(text, size, "%d:%02d:%02d", (int)whole / 3600, (int)whole / 60 % 60, (int)whole % 60);
  else
    (void)snprintf(text, size, "%d:%02d", (int)whole / 60, (int)whole % 60);
}

static void draw_bar(const progress *p, double part, int width) {
  static const char *const eighth[] = {" ", "\u258f", "\u258e", "\u258d", "\u258c", "\u258b", "\u258a", "\u2589"};
  const int filled = (int)(part * width * 8);
  (void)fputs(p->unicode ? "\u2595" : "[", stderr);
  for (int i = 0; i < width; i++) {
    const int here = filled - 8 * i;
    if (p->unicode)
      (void)fputs(here >= 8 ? "\u2588" : here <= 0 ? " " : eighth[here], stderr);
    else
      (void)fputc(here >= 8 ? '#' : '.', stderr);
  }
  (void)fputs(p->unicode ? "\u258f " : "] ", stderr);
}

static int terminal_columns(void) {
  struct winsize w;
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? (int)w.ws_col : 80;
}

/* The line must not reach the right edge: what wraps cannot be drawn over. */
static void draw(const progress *p, int64_t step, const char *text) {
  enum { WIDEST = 24, NARROWEST = 4 };
  const int columns = terminal_columns(), room = columns - (int)strlen(text) - 5;
  (void)fputs("\r", stderr);
  if (room >= NARROWEST)
    draw_bar(p, p->to > p->from ? (double)(step - p->from) / (double)(p->to - p->from) : 1.0,
             room < WIDEST ? room : WIDEST);
  (void)fprintf(stderr, "%.*s\033[K", columns - 1, text);
}

void progress_step(progress *p, int64_t step, double loss, double accuracy) {
  if (!p->lines) return;
  const double now = now_seconds(), took = now - p->began;
  const int64_t tenth = p->to - p->from >= 10 ? (p->to - p->from) / 10 : 1;
  const bool last = step >= p->to;
  if (p->bar ? !last && now - p->shown < 0.1 : !last && (step - p->from) % tenth != 0) return;
  p->shown = now;
  const double rate = took > 0 ? (double)(step - p->from) / took : 0.0;
  char left[32], measured[64] = "", text[200];
  format_time(rate > 0 ? (double)(p->to - step) / rate : INFINITY, left, sizeof left);
  if (!isnan(loss)) (void)snprintf(measured, sizeof measured, "  loss %.4f", loss);
  const size_t n = strlen(measured);
  if (!isnan(accuracy)) (void)snprintf(measured + n, sizeof measured - n, "  accuracy %.3f", accuracy);
  (void)snprintf(text, sizeof text, "step %lld/%lld%s  %.0f steps/s  %s left", (long long)step, (long long)p->to,
                 measured, rate, left);
  if (p->bar)
    draw(p, step, text);
  else
    (void)fprintf(stderr, "%s\n", text);
  line_is_open = p->bar;
  (void)fflush(stderr);
}

void progress_end(progress *p) {
  if (line_is_open) (void)fputc('\n', stderr);
  line_is_open = false;
  p->lines = false;
}

void progress_hide(void) {
  if (line_is_open) (void)fputs("\r\033[K", stderr);
  line_is_open = false;
}
