/* SPDX-License-Identifier: Apache-2.0 */
/* Session.make_callable: a run whose names are resolved and whose key is made once. */
#include "session/session.h"

#include <string.h>

struct ek_callable {
  ek_session *session;
  ek__arena memory;
  ek__plan_key key;
  ek_shape *shapes; /* the key's, to fill in */
};

ek_callable *ek_session_make_callable(ek_session *s, const ek_out *feeds, int n_feeds, const ek_fetch *fetches,
                                      int n_fetches, const ek_op *targets, int n_targets, ek_status *st) {
  ek_callable *c = ek__alloc(s->allocator, sizeof *c);
  if (c == NULL) return (void)ek__no_memory(st, "a callable", sizeof *c), NULL;
  c->session = s;
  ek__arena_init(&c->memory, s->allocator);
  ek_out *in = ek__arena_array(&c->memory, (size_t)n_feeds + 1, sizeof *in);
  ek_out *out = ek__arena_array(&c->memory, (size_t)n_fetches + 1, sizeof *out);
  ek_op *ops = ek__arena_array(&c->memory, (size_t)n_targets + 1, sizeof *ops);
  c->shapes = ek__arena_array(&c->memory, (size_t)n_feeds + 1, sizeof *c->shapes);
  ek_code rc =
      in != NULL && out != NULL && ops != NULL && c->shapes != NULL ? EK_OK : ek__no_memory(st, "a callable", 0);
  for (int i = 0; rc == EK_OK && i < n_feeds; i++) {
    in[i] = ek__resolve(s, feeds[i], NULL, "feed", st);
    rc = in[i].op == 0 ? EK_NOT_FOUND : ek__check_feed_is_new(s, in, i, st);
  }
  if (rc == EK_OK) rc = ek__resolve_fetches(s, fetches, n_fetches, out, st);
  if (rc == EK_OK) rc = ek__check_targets(s, targets, n_targets, st);
  if (rc != EK_OK) return ek_callable_free(c), NULL;
  if (n_targets > 0) memcpy(ops, targets, (size_t)n_targets * sizeof *ops);
  c->key = (ek__plan_key){.without_passes = s->opts.without_passes,
                          .n_feeds = n_feeds,
                          .n_fetches = n_fetches,
                          .n_targets = n_targets,
                          .feeds = in,
                          .feed_shapes = c->shapes,
                          .fetches = out,
                          .targets = ops};
  return c;
}

ek_code ek_callable_run(ek_callable *c, ek_tensor *const *feeds, ek_tensor **results, ek_status *st) {
  ek_session *s = c->session;
  ek_status local = EK_STATUS_INIT;
  for (int i = 0; i < c->key.n_fetches; i++) results[i] = NULL;
  EK_TRY(ek__session_enter(s, st));
  ek_code rc = EK_OK;
  c->key.graph_version = s->graph->version;
  for (int i = 0; rc == EK_OK && i < c->key.n_feeds; i++) {
    rc = ek__check_feed(s, c->key.feeds[i], feeds[i], &local);
    if (rc == EK_OK) c->shapes[i] = feeds[i]->shape;
  }
  ek__plan *plan = rc == EK_OK ? ek__session_plan(s, &c->key, &local) : NULL;
  rc = plan != NULL ? ek__session_execute(s, plan, feeds, results, NULL, &local) : local.code;
  ek__session_leave(s);
  if (rc != EK_OK) (void)ek_status_set(st, rc, "%s", local.msg);
  return rc;
}

void ek_callable_free(ek_callable *c) {
  if (c == NULL) return;
  const ek_allocator *a = c->session->allocator;
  ek__arena_fini(&c->memory);
  ek__free(a, c, sizeof *c);
}
