/* SPDX-License-Identifier: Apache-2.0 */
/* Planning, pass by pass. */
#include "plan/loop.h"

#include <string.h>

static ek_code copy_key(ek__plan *p, const ek__plan_key *key, ek_status *st) {
  ek_out *feeds = ek__arena_array(&p->memory, (size_t)key->n_feeds + 1, sizeof *feeds);
  ek_shape *shapes = ek__arena_array(&p->memory, (size_t)key->n_feeds + 1, sizeof *shapes);
  ek_out *fetches = ek__arena_array(&p->memory, (size_t)key->n_fetches + 1, sizeof *fetches);
  ek_op *targets = ek__arena_array(&p->memory, (size_t)key->n_targets + 1, sizeof *targets);
  p->fetches = ek__arena_array(&p->memory, (size_t)key->n_fetches + 1, sizeof *p->fetches);
  if (feeds == NULL || shapes == NULL || fetches == NULL || targets == NULL || p->fetches == NULL)
    return ek__no_memory(st, "a plan", 0);
  for (int i = 0; i < key->n_feeds; i++) feeds[i] = key->feeds[i], shapes[i] = key->feed_shapes[i];
  for (int i = 0; i < key->n_fetches; i++) fetches[i] = key->fetches[i];
  for (int i = 0; i < key->n_targets; i++) targets[i] = key->targets[i];
  p->key = *key;
  p->key.feeds = feeds;
  p->key.feed_shapes = shapes;
  p->key.fetches = fetches;
  p->key.targets = targets;
  return EK_OK;
}

static ek__plan *empty(const ek__plan_env *env, ek_status *st) {
  ek__plan *p = ek__alloc(env->allocator, sizeof *p);
  if (p == NULL) return (void)ek__no_memory(st, "a plan", sizeof *p), NULL;
  p->allocator = env->allocator;
  ek__arena_init(&p->memory, env->allocator);
  return p;
}

ek__plan *ek__plan_new_body(ek__plan *around, const ek__plan_env *env, ek_status *st) {
  if (ek__grow(env->allocator, &around->bodies, &around->cap_bodies, around->n_bodies + 1, sizeof around, st) != EK_OK)
    return NULL;
  ek__plan *p = empty(env, st);
  if (p != NULL) around->bodies[around->n_bodies++] = p;
  return p;
}

ek__plan *ek__plan_new(const ek__plan_env *env, const ek__plan_key *key, ek_status *st) {
  static ek_code (*const passes[])(ek__ir *) = {ek__ir_guards, ek__ir_lacking, ek__ir_fold,   ek__ir_needed,
                                                ek__ir_fuse,   ek__ir_order,   ek__ir_memory, ek__ir_emit};
  ek__plan *p = empty(env, st);
  if (p == NULL) return NULL;
  ek__arena scratch;
  ek__arena_init(&scratch, env->allocator);
  ek__ir ir = {.env = env, .plan = p, .scratch = &scratch, .st = st};
  ek_code rc = copy_key(p, key, st);
  if (rc == EK_OK) rc = ek__ir_build(&ir, &p->key);
  for (size_t i = 0; i < sizeof passes / sizeof passes[0] && rc == EK_OK; i++) rc = passes[i](&ir);
  ek__free(env->allocator, ir.nodes, (size_t)ir.cap_nodes * sizeof *ir.nodes);
  ek__free(env->allocator, ir.values, (size_t)ir.cap_values * sizeof *ir.values);
  ek__frames_fini(&ir);
  ek__arena_fini(&scratch);
  if (rc == EK_OK) return p;
  ek__plan_free(p);
  return NULL;
}

void ek__plan_free(ek__plan *p) {
  if (p == NULL) return;
  for (int i = 0; i < p->n_steps; i++) {
    const ek__step *step = &p->steps[i];
    if (step->c.state != NULL && step->release != NULL) step->release(step->c.state);
  }
  for (int i = 0; i < p->n_bodies; i++) ek__plan_free(p->bodies[i]);
  ek__free(p->allocator, p->bodies, (size_t)p->cap_bodies * sizeof(ek__plan *));
  for (int i = 0; i < p->n_owned; i++) ek_tensor_free(p->owned[i]);
  for (int i = 0; p->fetches != NULL && i < p->key.n_fetches; i++) ek_tensor_free(p->fetches[i].tensor);
  ek__free(p->allocator, p->owned, (size_t)p->cap_owned * sizeof(ek_tensor *));
  ek__free(p->allocator, p->guards.at, (size_t)p->guards.cap * sizeof *p->guards.at);
  ek__free(p->allocator, p->guards.atoms, (size_t)p->guards.cap_atoms * sizeof *p->guards.atoms);
  ek__arena_fini(&p->memory);
  ek__free(p->allocator, p, sizeof *p);
}

bool ek__plan_matches(const ek__plan *p, const ek__plan_key *key) {
  const ek__plan_key *k = &p->key;
  if (k->graph_version != key->graph_version || k->without_passes != key->without_passes ||
      k->n_feeds != key->n_feeds || k->n_fetches != key->n_fetches || k->n_targets != key->n_targets)
    return false;
  for (int i = 0; i < k->n_feeds; i++)
    if (k->feeds[i].op != key->feeds[i].op || k->feeds[i].index != key->feeds[i].index ||
        !ek_shape_equal(k->feed_shapes[i], key->feed_shapes[i]))
      return false;
  for (int i = 0; i < k->n_fetches; i++)
    if (k->fetches[i].op != key->fetches[i].op || k->fetches[i].index != key->fetches[i].index) return false;
  for (int i = 0; i < k->n_targets; i++)
    if (k->targets[i].id != key->targets[i].id) return false;
  return true;
}
