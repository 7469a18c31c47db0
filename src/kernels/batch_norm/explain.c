/* SPDX-License-Identifier: Apache-2.0 */
/* The decisions of a call, told without making it. */
#include "kernels/batch_norm/plan.h"
#include "kernels/caches.h"
#include "kernels/schedule.h"

static const char *form_of(const ek__batch_norm_plan *p) {
  switch (p->form) {
  case EK__CYCLIC: return p->cols == p->period ? "columns" : "joined columns";
  case EK__BLOCKED: return "blocked columns";
  case EK__RUNS: break;
  }
  return "runs";
}

static const char *why_this_form(const ek__batch_norm_plan *p) {
  if (p->block != 0 && p->inner > 1) return "a block of 16 channels at a time; its rows are joined to four vectors";
  switch (p->form) {
  case EK__CYCLIC:
    return p->cols != p->period ? "channels are neighbours, but too few or too odd for vectors: rows are joined"
           : p->groups > 1      ? "channels are neighbours; rows longer than the first cache takes are split"
                                : "channels are neighbours: rows are read from end to end, sums stay beside them";
  case EK__BLOCKED:
    return "pictures are small and examples many: a value of a picture is a column, folded by channel at the end";
  case EK__RUNS: break;
  }
  return "a channel's neighbours are its own: they fill vectors";
}

static const char *schedule_of(const ek__batch_norm_plan *p) {
  return p->schedule == EK__SLABS ? "slabs" : p->schedule == EK__SHARED ? "shared" : "once";
}

static const char *why_this_schedule(const ek__batch_norm_plan *p) {
  switch (p->schedule) {
  case EK__SLABS:
    return p->joint         ? "groups are many: each is written while the sums of the next are taken"
           : p->groups == 1 ? "one thread: all sums, then all results"
           : p->abreast > 1 ? "groups are many: each is summed up, some examples side by side, and written while near"
                            : "groups are many: each is summed up and written while it is near";
  case EK__SHARED: return "groups are few: threads share the parts of one, wait for its sums, and share it again";
  case EK__ONCE: break;
  }
  return "coefficients are known: one visit, in the order of memory";
}

static const char *why_these_stores(const ek__batch_norm_plan *p, int64_t moved) {
  if (p->stream) return "past the caches: they could not keep results beside what is read";
  if (moved <= ek__batch_norm_kept(p)) return "through the caches: all of it fits";
  if (p->loops->stream_end == NULL) return "through the caches: the instruction set has no other stores";
  return p->stored != p->channels ? "through the caches: the last block is filled up"
                                  : "through the caches: not aligned";
}

ek_kernels_code ek_kernels_batch_norm_explain(const ek_kernels *kernels, const ek_kernels_batch_norm_shape *shape,
                                              int reads, int sums, int threads, ek_kernels_batch_norm_choice *out) {
  static const _Alignas(64) char somewhere[4][64]; /* where data would be: told apart, never looked at */
  const ek__norm_data data = {.x = somewhere[0],
                              .dy = reads > 1 ? somewhere[1] : NULL,
                              .other = reads > 2 ? somewhere[2] : NULL,
                              .out = (void *)(uintptr_t)somewhere[3]};
  const ek__purpose purpose = sums == 0 ? EK__RESULTS : sums == 1 ? EK__MOMENTS : EK__GRADIENTS;
  ek__batch_norm_plan p;
  if (out == NULL || threads < 0 || reads < 1 || reads > 3 || sums < 0 || sums > 2) return EK_KERNELS_INVALID_ARGUMENT;
  ek_kernels_code code = kernels == NULL ? ek_kernels_get(NULL, &kernels) : EK_KERNELS_OK;
  if (code == EK_KERNELS_OK) code = ek__batch_norm_plan_choose(&p, kernels, shape, purpose, threads);
  if (code != EK_KERNELS_OK) return code;
  ek__batch_norm_choose_stores(&p, &data);
  *out = (ek_kernels_batch_norm_choice){.form = form_of(&p),
                                        .form_why = why_this_form(&p),
                                        .schedule = schedule_of(&p),
                                        .schedule_why = why_this_schedule(&p),
                                        .stores_why = why_these_stores(&p, (reads + 1) * p.bytes),
                                        .streams = p.stream,
                                        .groups = p.groups,
                                        .channels = p.per_group,
                                        .rows = p.rows * p.images,
                                        .columns = p.cols,
                                        .parts = p.parts,
                                        .threads = p.threads,
                                        .l2_bytes = ek__caches().l2,
                                        .l3_bytes = ek__caches().l3};
  return EK_KERNELS_OK;
}
