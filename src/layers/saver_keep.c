/* SPDX-License-Identifier: Apache-2.0 */
/* Which checkpoints a saver keeps, and those it deletes. */
#include "layers/saver.h"

#include "base/status.h"
#include "evenkeel/io.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

char *ek__saver_text(const ek_saver *s, const char *fmt, ...) {
  va_list ap, again;
  va_start(ap, fmt);
  va_copy(again, ap);
  const int n = vsnprintf(NULL, 0, fmt, ap);
  char *p = n >= 0 ? s->allocator->alloc(s->allocator->ctx, (size_t)n + 1, 1) : NULL;
  if (p != NULL) (void)vsnprintf(p, (size_t)n + 1, fmt, again);
  va_end(again);
  va_end(ap);
  return p;
}

void ek__saver_free_text(const ek_saver *s, char *text) {
  if (text != NULL) s->allocator->free(s->allocator->ctx, text, strlen(text) + 1);
}

double ek__now_s(void) {
  struct timespec now = {0, 0};
  (void)timespec_get(&now, TIME_UTC);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

char *ek__saver_meta_path(const ek_saver *s, const char *prefix, const char *suffix) {
  return ek__saver_text(s, "%s.%s", prefix, suffix != NULL ? suffix : "meta");
}

static ek_code append(ek_saver *s, ek__kept **items, int *n, int *cap, ek__kept item, ek_status *st) {
  if (*n == *cap) {
    const int more = *cap > 0 ? 2 * *cap : 8;
    const size_t size = (size_t)more * sizeof **items;
    ek__kept *grown = s->allocator->alloc(s->allocator->ctx, size, _Alignof(ek__kept));
    EK_REQUIRE(grown != NULL, st, EK_RESOURCE_EXHAUSTED, "Saver: out of memory");
    if (*n > 0) memcpy(grown, *items, (size_t)*n * sizeof **items);
    if (*items != NULL) s->allocator->free(s->allocator->ctx, *items, (size_t)*cap * sizeof **items);
    *items = grown;
    *cap = more;
  }
  (*items)[(*n)++] = item;
  return EK_OK;
}

static ek__kept take(ek__kept *items, int *n, int i) {
  const ek__kept item = items[i];
  memmove(items + i, items + i + 1, (size_t)(*n - i - 1) * sizeof *items);
  (*n)--;
  return item;
}

ek_code ek__saver_record(ek_saver *s, const char *path, double time_s, ek_status *st) {
  if (s->def.max_to_keep <= 0) return EK_OK;
  char *copy = ek__saver_text(s, "%s", path);
  EK_REQUIRE(copy != NULL, st, EK_RESOURCE_EXHAUSTED, "Saver: out of memory");
  for (int i = 0; i < s->n_kept; i++)
    if (strcmp(s->kept[i].path, path) == 0) {
      ek__saver_free_text(s, take(s->kept, &s->n_kept, i).path);
      break;
    }
  const ek_code code = append(s, &s->kept, &s->n_kept, &s->cap_kept, (ek__kept){copy, time_s}, st);
  if (code != EK_OK) {
    ek__saver_free_text(s, copy);
    return code;
  }
  if (s->n_kept <= s->def.max_to_keep) return EK_OK;
  EK_TRY(append(s, &s->doomed, &s->n_doomed, &s->cap_doomed, s->kept[0], st));
  (void)take(s->kept, &s->n_kept, 0);
  return EK_OK;
}

void ek__saver_delete_old(ek_saver *s, const char *meta_graph_suffix) {
  if (s->n_doomed == 0) return;
  const ek__kept old = take(s->doomed, &s->n_doomed, 0);
  if (old.time_s > s->next_kept_s) {
    s->next_kept_s += (double)s->def.keep_checkpoint_every_n_hours * 3600.0;
  } else {
    char *meta = ek__saver_meta_path(s, old.path, meta_graph_suffix);
    if (meta != NULL) (void)remove(meta);
    (void)ek_train_remove_checkpoint(old.path, NULL); /* one that cannot be deleted is left */
    ek__saver_free_text(s, meta);
  }
  ek__saver_free_text(s, old.path);
}

void ek__saver_forget(ek_saver *s) {
  for (int i = 0; i < s->n_kept; i++) ek__saver_free_text(s, s->kept[i].path);
  for (int i = 0; i < s->n_doomed; i++) ek__saver_free_text(s, s->doomed[i].path);
  if (s->kept != NULL) s->allocator->free(s->allocator->ctx, s->kept, (size_t)s->cap_kept * sizeof *s->kept);
  if (s->doomed != NULL) s->allocator->free(s->allocator->ctx, s->doomed, (size_t)s->cap_doomed * sizeof *s->doomed);
  s->kept = s->doomed = NULL;
  s->n_kept = s->cap_kept = s->n_doomed = s->cap_doomed = 0;
}

int ek_train_saver_num_checkpoints(const ek_saver *s) { return s != NULL ? s->n_kept : 0; }

const char *ek_train_saver_checkpoint(const ek_saver *s, int i) {
  return s != NULL && i >= 0 && i < s->n_kept ? s->kept[i].path : NULL;
}
