/* SPDX-License-Identifier: Apache-2.0 */
/* Session.run: names to outputs, feeds checked, then a plan and its execution; and the same with all that done once. */
#include "session/session.h"

#include <string.h>

ek_out ek__resolve(const ek_session *s, ek_out out, const char *name, const char *what, ek_status *st) {
  if (out.op == 0 && name != NULL) out = ek_graph_find_out(s->graph, name);
  if (out.op < 0) {
    (void)ek_status_set(st, EK_NOT_FOUND,
                        "%s '(by handle)': a literal or IndexedSlices; ek_convert makes a tensor of it", what);
    return (ek_out){0, 0};
  }
  if (out.op <= 0 || ek__type_of(s->graph, out) == NULL) {
    (void)ek_status_set(st, EK_NOT_FOUND, "%s '%s': the graph has no such tensor", what,
                        name != NULL ? name : "(by handle)");
    return (ek_out){0, 0};
  }
  return out;
}

ek_code ek__check_feed(const ek_session *s, ek_out out, const ek_tensor *value, ek_status *st) {
  char given[EK_SHAPE_TEXT], wanted[EK_SHAPE_TEXT];
  const ek__type *t = ek__type_of(s->graph, out);
  const ek__node *n = ek__node_of(s->graph, ek_out_op(out));
  EK_REQUIRE(value != NULL, st, EK_INVALID_ARGUMENT, "feed '%s:%d': no tensor", n->name, out.index);
  EK_REQUIRE(!n->not_feedable, st, EK_INVALID_ARGUMENT,
             "Tensor '%s:%d' may not be fed: its value was used while building", n->name, out.index);
  EK_REQUIRE(value->dtype == t->dtype, st, EK_INVALID_ARGUMENT, "feed '%s:%d': the tensor is %s, it must be %s",
             n->name, out.index, ek_dtype_name(value->dtype), ek_dtype_name(t->dtype));
  EK_REQUIRE(ek_shape_compatible(value->shape, t->shape), st, EK_INVALID_ARGUMENT,
             "Cannot feed value of shape %s for Tensor '%s:%d', which has shape '%s'",
             ek_shape_format(value->shape, given, sizeof given), n->name, out.index,
             ek_shape_format(t->shape, wanted, sizeof wanted));
  return EK_OK;
}

ek_code ek__check_feed_is_new(const ek_session *s, const ek_out *feeds, int i, ek_status *st) {
  for (int k = 0; k < i; k++)
    EK_REQUIRE(feeds[k].op != feeds[i].op || feeds[k].index != feeds[i].index, st, EK_INVALID_ARGUMENT,
               "feed '%s:%d' is given twice", ek_op_name(s->graph, ek_out_op(feeds[i])), feeds[i].index);
  return EK_OK;
}

static ek_code check_fetch(const ek_session *s, ek_out out, const char *typed, ek_status *st) {
  const ek__node *n = ek__node_of(s->graph, ek_out_op(out));
  EK_REQUIRE(!n->not_fetchable, st, EK_INVALID_ARGUMENT,
             "fetch '%s': the tensor of %s '%s' has been marked as not fetchable (it is made inside a cond)",
             typed != NULL ? typed : n->name, n->type, n->name);
  return EK_OK;
}

typedef struct request { /* a run's arguments, resolved */
  ek_out *feeds, *fetches;
  ek_tensor **values;
  ek_shape *shapes;
} request;

static ek_code resolve_feeds(const ek_session *s, const ek_feed *feeds, int n, request *r, ek_status *st) {
  for (int i = 0; i < n; i++) {
    r->feeds[i] = ek__resolve(s, feeds[i].out, feeds[i].name, "feed", st);
    if (r->feeds[i].op == 0) return EK_NOT_FOUND;
    EK_TRY(ek__check_feed(s, r->feeds[i], feeds[i].value, st));
    EK_TRY(ek__check_feed_is_new(s, r->feeds, i, st));
    r->values[i] = feeds[i].value;
    r->shapes[i] = feeds[i].value->shape;
  }
  return EK_OK;
}

ek_code ek__resolve_fetches(const ek_session *s, const ek_fetch *fetches, int n, ek_out *out, ek_status *st) {
  for (int i = 0; i < n; i++) {
    out[i] = ek__resolve(s, fetches[i].out, fetches[i].name, "fetch", st);
    if (out[i].op == 0) return EK_NOT_FOUND;
    EK_TRY(check_fetch(s, out[i], fetches[i].name, st));
  }
  return EK_OK;
}

ek_code ek__check_targets(const ek_session *s, const ek_op *targets, int n, ek_status *st) {
  for (int i = 0; i < n; i++) {
    const ek__node *node = ek__node_of(s->graph, targets[i]);
    EK_REQUIRE(node != NULL, st, EK_NOT_FOUND, "target %d is no op of this graph", i);
    EK_REQUIRE(!node->not_fetchable, st, EK_INVALID_ARGUMENT,
               "target: %s '%s' has been marked as not fetchable (it is made inside a cond)", node->type, node->name);
  }
  return EK_OK;
}

static bool bad_options(const ek_run_options *o) { return o != NULL && o->version != 1u; }

ek_code ek_session_run(ek_session *s, const ek_feed *feeds, int n_feeds, const ek_fetch *fetches, int n_fetches,
                       ek_tensor **results, const ek_op *targets, int n_targets, const ek_run_options *options,
                       ek_status *st) {
  enum { FEW = 16 };
  ek_out few_feeds[FEW], few_fetches[FEW];
  ek_tensor *few_values[FEW];
  ek_shape few_shapes[FEW];
  ek__arena many;
  ek__arena_init(&many, s->allocator);
  request r = {few_feeds, few_fetches, few_values, few_shapes};
  for (int i = 0; i < n_fetches; i++) results[i] = NULL;
  EK_REQUIRE(!bad_options(options), st, EK_INVALID_ARGUMENT,
             "ek_session_run: options of version 0; start from EK_RUN_OPTIONS_INIT");
  EK_TRY(ek__session_enter(s, st));
  ek_code rc = EK_OK;
  if (n_feeds > FEW || n_fetches > FEW) {
    r.feeds = ek__arena_array(&many, (size_t)n_feeds + 1, sizeof *r.feeds);
    r.fetches = ek__arena_array(&many, (size_t)n_fetches + 1, sizeof *r.fetches);
    r.values = ek__arena_array(&many, (size_t)n_feeds + 1, sizeof *r.values);
    r.shapes = ek__arena_array(&many, (size_t)n_feeds + 1, sizeof *r.shapes);
    if (r.feeds == NULL || r.fetches == NULL || r.values == NULL || r.shapes == NULL)
      rc = ek__no_memory(st, "a run's arguments", 0);
  }
  if (rc == EK_OK) rc = resolve_feeds(s, feeds, n_feeds, &r, st);
  if (rc == EK_OK) rc = ek__resolve_fetches(s, fetches, n_fetches, r.fetches, st);
  if (rc == EK_OK) rc = ek__check_targets(s, targets, n_targets, st);
  if (rc == EK_OK) {
    const ek__plan_key key = {.graph_version = s->graph->version,
                              .without_passes = s->opts.without_passes,
                              .n_feeds = n_feeds,
                              .n_fetches = n_fetches,
                              .n_targets = n_targets,
                              .feeds = r.feeds,
                              .feed_shapes = r.shapes,
                              .fetches = r.fetches,
                              .targets = targets};
    ek_status local = EK_STATUS_INIT; /* the caller's may be NULL */
    ek__plan *plan = ek__session_plan(s, &key, &local);
    rc = plan != NULL ? ek__session_execute(s, plan, r.values, results, options, &local) : local.code;
    if (rc != EK_OK) (void)ek_status_set(st, rc, "%s", local.msg);
  }
  ek__arena_fini(&many);
  ek__session_leave(s);
  return rc;
}

ek_code ek_session_run_op(ek_session *s, ek_op target, ek_status *st) {
  return ek_session_run(s, NULL, 0, NULL, 0, NULL, &target, 1, NULL, st);
}

int ek_session_profile(const ek_session *s, const ek_node_stats **steps) {
  *steps = s->profile;
  return s->n_profile;
}
