/* SPDX-License-Identifier: Apache-2.0 */
/* Where values live. Every value has a root, the value whose memory it shares; roots of known size get places in the
 * arena, which are used again once the last reader is done; outputs go over dying inputs where the op allows it. */
#include "plan/memory.h"

#include <string.h>

/* ---- roots, forward */

/* A branch that may not be taken keeps the plan from nothing: what is larger than memory can be, or so large that it
 * should not be had in vain, is a matter of the run that computes it. */
bool ek__is_huge(const ek__ir *ir, const ek__pnode *n) {
  enum { HUGE_BYTES = 1 << 30 };
  for (int k = 0; k < n->n_out; k++) {
    const ek__pvalue *v = &ir->values[n->first_out + k];
    size_t bytes = 0;
    if (v->is_ref || v->constant != NULL || ek_dtype_size(v->dtype) == 0 || !ek_shape_is_known(v->shape)) continue;
    if (ek__tensor_bytes(v->dtype, v->shape, &bytes, NULL) != EK_OK || bytes > HUGE_BYTES) return true;
  }
  return false;
}

static void give_roots(ek__ir *ir) {
  for (int i = 0; i < ir->n_values; i++) { /* what a loop binds for its iterations */
    ek__pvalue *v = &ir->values[i];
    if (v->node < 0 && v->feed < 0 && v->constant == NULL)
      v->dynamic = !v->carried || v->dtype == EK_STRING || !ek_shape_is_known(v->shape);
  }
  for (int i = 0; i < ir->n_nodes; i++) {
    ek__pnode *n = &ir->nodes[i];
    const bool alias = ek__is_alias(n), merge = ek__is_merge(n);
    if (n->kind == EK__P_OP && n->run_guard != 0 && !alias && !merge && ek__is_huge(ir, n)) n->late = true;
    /* A step that infers shapes while it runs makes room for all of its outputs then. */
    const bool late = n->kind == EK__P_OP && !merge && ek__has_late_shape(ir, n);
    for (int k = 0; k < n->n_out; k++) {
      ek__pvalue *v = &ir->values[n->first_out + k];
      if (ek__is_variable(v) || v->constant != NULL) continue;
      v->dynamic = late || !ek_shape_is_known(v->shape);
      if (n->kind == EK__P_LOOP && v->dtype == EK_STRING) v->dynamic = true;
      if (n->kind == EK__P_VIEW || (merge && k == 0) || (ek__reads_resource(n) && n->view_read)) v->dynamic = true;
      if (n->kind == EK__P_OP && k == 0 && (n->def->flags & EK_OP_PASSES_1) != 0) {
        v->root = ek__root_of(ir, n->in[1]);
        v->dynamic = true; /* its run binds it */
      }
      if (!alias) continue;
      v->root = ek__root_of(ir, n->in[0]);
      v->dynamic = v->dynamic || ir->values[n->in[0]].dynamic;
    }
  }
}

/* ---- last readers, backward */

static void extend(ek__memory *m, int32_t value, int32_t to) {
  const int32_t root = ek__root_of(m->ir, value);
  if (m->last[root] < to) m->last[root] = to;
}

static void find_last(ek__memory *m) {
  ek__ir *ir = m->ir;
  for (int i = 0; i < ir->n_values; i++) m->last[i] = -1;
  for (int i = 0; ir->loop != NULL && i < ir->loop->n_carries; i++) /* read when the iteration is over */
    m->last[ek__root_of(ir, ir->loop->carries[i].next)] = INT32_MAX;
  for (int i = 0; ir->loop != NULL && i < ir->loop->n_exits; i++)
    if (ir->loop->exit_used[i]) m->last[ek__root_of(ir, ir->loop->exits[i])] = INT32_MAX;
  for (int p = ir->n_nodes - 1; p >= 0; p--) {
    const ek__pnode *n = &ir->nodes[ir->order[p]];
    if (!n->needed) continue;
    for (int k = 0; k < n->n_out; k++) extend(m, n->first_out + k, p); /* written here, even if nobody reads it */
    for (int k = 0; k < n->n_in; k++) {
      extend(m, n->in[k], p);
      if (ek__is_merge(n)) extend(m, n->in[k], m->last[ek__root_of(ir, n->first_out)]);
    }
  }
}

size_t ek__element_size(ek_dtype dtype) { return dtype == EK_RESOURCE ? sizeof(void *) : ek_dtype_size(dtype); }

bool ek__in_arena(const ek__ir *ir, int32_t root) {
  const ek__pvalue *v = &ir->values[root];
  return (v->node >= 0 || v->carried) && v->constant == NULL && !v->dynamic && !ek__is_variable(v) &&
         v->dtype != EK_STRING && ek__element_size(v->dtype) > 0;
}

/* A fetch whose memory nothing else needs under another name is computed straight into the caller's tensor. */
static void choose_direct_fetches(ek__memory *m, uint8_t *direct_root) {
  ek__ir *ir = m->ir;
  for (int i = 0; i < ir->n_nodes; i++) {
    const ek__pnode *n = &ir->nodes[i];
    if (n->kind != EK__P_FETCH) continue;
    const int32_t v = n->in[0], root = ek__root_of(ir, v);
    if (!ek__in_arena(ir, root) || ir->values[v].dynamic || direct_root[root]) continue;
    direct_root[root] = 1;
    m->last[root] = INT32_MAX;
    ir->values[root].fetch = n->index;
    ir->plan->fetches[n->index].direct = true;
  }
}

/* ---- the arena, forward in the order of execution */

/* Eight sizes to every power of two, from 64 bytes on: class 7 is 512 bytes, class 8 is 576. */
static size_t class_bytes(int class) {
  return class < 8 ? (size_t)(class + 1) * 64 : (size_t)(9 + class % 8) << (class / 8 + 5);
}

static int class_of(size_t bytes) { /* the smallest that holds them */
  int low = 0, high = EK__CLASSES - 1;
  while (low < high) {
    const int mid = (low + high) / 2;
    if (class_bytes(mid) >= bytes)
      high = mid;
    else
      low = mid + 1;
  }
  return low;
}

size_t ek__take_place(ek__memory *m, size_t bytes) {
  const int class = class_of(bytes);
  for (int c = class;
       (m->ir->env->without_passes & EK_PASS_REUSE) == 0 && c < class + EK__PLACES_TRIED && c < EK__CLASSES; c++) {
    const int32_t p = m->free_list[c];
    if (p < 0) continue;
    m->free_list[c] = m->places[p].next;
    return m->places[p].offset;
  }
  const size_t offset = m->ir->plan->arena_bytes;
  m->ir->plan->arena_bytes += class_bytes(class);
  return offset;
}

static void give_back(ek__memory *m, size_t offset, size_t bytes) {
  const int class = class_of(bytes);
  m->places[m->n_places] = (ek__place){offset, m->free_list[class]};
  m->free_list[class] = m->n_places++;
}

size_t ek__bytes_of(const ek__ir *ir, int32_t v) {
  return (size_t)ek_shape_num_elements(ir->values[v].shape) * ek__element_size(ir->values[v].dtype);
}

/* The input that output 0 of the node may be written over; -1: none. */
static int inplace_input(ek__memory *m, const ek__pnode *n, int position, const uint8_t *direct_root) {
  ek__ir *ir = m->ir;
  const int32_t out = n->first_out;
  if ((ir->env->without_passes & EK_PASS_INPLACE) != 0 || n->n_out < 1 || !ek__in_arena(ir, out) || direct_root[out])
    return -1;
  for (int k = 0; k < 2 && k < n->n_in; k++) {
    if ((n->def->flags & (k == 0 ? EK_OP_INPLACE_0 : EK_OP_INPLACE_1)) == 0) continue;
    const int32_t in = n->in[k], root = ek__root_of(ir, in);
    if (m->placed[root] != 1 || direct_root[root] || m->last[root] != position || ir->values[in].constant != NULL)
      continue;
    if (ir->values[in].dynamic || ek__bytes_of(ir, in) != ek__bytes_of(ir, out) ||
        ek__bytes_of(ir, root) != ek__bytes_of(ir, out))
      continue;
    return k;
  }
  return -1;
}

static void die_at(ek__memory *m, int32_t root) {
  const int32_t p = m->last[root];
  if (p == INT32_MAX) return;
  m->next[root] = m->dying[p];
  m->dying[p] = root;
}

static void live_on(ek__memory *m, int32_t root, int32_t last) {
  int32_t *link = &m->dying[m->last[root]];
  while (*link != root) link = &m->next[*link];
  *link = m->next[root];
  m->last[root] = last;
  die_at(m, root);
}

/* Below these no sum of places overflows. */
#define MOST_BYTES_OF_ONE ((size_t)1 << 47)
#define MOST_BYTES        (SIZE_MAX / 2)

ek_code ek__check_size(const ek__ir *ir, const char *type, const char *name, int k, int32_t value) {
  const ek__pvalue *v = &ir->values[value];
  char shape[EK_SHAPE_TEXT];
  size_t bytes = 0;
  if (!ek__in_arena(ir, value) || !ek_shape_is_known(v->shape)) return EK_OK;
  EK_REQUIRE(ek__tensor_bytes(v->dtype != EK_RESOURCE ? v->dtype : EK_INT64, v->shape, &bytes, NULL) == EK_OK &&
                 bytes <= MOST_BYTES_OF_ONE && ir->plan->arena_bytes <= MOST_BYTES,
             ir->st, EK_RESOURCE_EXHAUSTED, "%s '%s': output %d, %s %s, is larger than memory can be", type, name, k,
             ek_dtype_name(v->dtype), ek_shape_format(v->shape, shape, sizeof shape));
  return EK_OK;
}

static ek_code allocate(ek__memory *m, const uint8_t *direct_root) {
  ek__ir *ir = m->ir;
  EK_TRY(ek__place_carries(m));
  for (int p = 0; p < ir->n_nodes; p++) {
    const ek__pnode *n = &ir->nodes[ir->order[p]];
    if (!n->needed) continue;
    const int inplace = n->kind == EK__P_OP && n->def->run != NULL ? inplace_input(m, n, p, direct_root) : -1;
    for (int k = 0; k < n->n_out; k++) {
      const int32_t v = n->first_out + k;
      EK_TRY(ek__check_size(ir, n->node != NULL ? n->node->type : "", n->node != NULL ? n->node->name : "", k, v));
      if (ek__root_of(ir, v) != v || !ek__in_arena(ir, v) || direct_root[v]) continue;
      if (k == 0 && inplace >= 0) {
        const int32_t root = ek__root_of(ir, n->in[inplace]);
        ir->values[v].root = root;
        live_on(m, root, m->last[v]);
        continue;
      }
      m->offset[v] = ek__take_place(m, ek__bytes_of(ir, v));
      m->placed[v] = 1;
      die_at(m, v);
    }
    if (n->kind == EK__P_LOOP) { /* while it runs */
      const size_t bytes = n->loop->body.plan->arena_bytes;
      EK_REQUIRE(bytes <= MOST_BYTES_OF_ONE, ir->st, EK_RESOURCE_EXHAUSTED,
                 "the loop '%s': an iteration needs more memory than there can be", n->loop->frame);
      n->loop->offset = ek__take_place(m, bytes);
      give_back(m, n->loop->offset, bytes);
    }
    for (int32_t r = m->dying[p], next; r >= 0; r = next) {
      next = m->next[r];
      give_back(m, m->offset[r], ek__bytes_of(ir, r));
      m->placed[r] = 2; /* its place may be another's from now on */
    }
  }
  return EK_OK;
}

static void bind(ek__ir *ir, int32_t value, ek__binding b) {
  b.value = value;
  ir->plan->bindings[ir->plan->n_bindings++] = b;
}

static ek_code string_memory(ek__ir *ir, int32_t v, void **data) {
  ek__plan *p = ir->plan;
  ek_tensor *t = ek_tensor_new(EK_STRING, ir->values[v].shape, p->allocator, ir->st);
  if (t == NULL) return ir->st->code;
  if (ek__grow(p->allocator, &p->owned, &p->cap_owned, p->n_owned + 1, sizeof t, ir->st) != EK_OK) {
    ek_tensor_free(t);
    return ir->st->code;
  }
  p->owned[p->n_owned++] = t;
  *data = t->data;
  return EK_OK;
}

static ek_code make_bindings(ek__memory *m) {
  ek__ir *ir = m->ir;
  ir->plan->bindings = ek__arena_array(&ir->plan->memory, (size_t)ir->n_values, sizeof(ek__binding));
  if (ir->plan->bindings == NULL) return ek__no_memory(ir->st, "a plan", (size_t)ir->n_values * sizeof(ek__binding));
  for (int32_t v = 0; v < ir->n_values; v++) {
    const ek__pvalue *p = &ir->values[v];
    const int32_t root = ek__root_of(ir, v);
    const ek__pvalue *r = &ir->values[root];
    if (p->constant != NULL)
      bind(ir, v, (ek__binding){.where = EK__IN_CONSTANT, .data = p->constant->data});
    else if (p->dynamic || ek__is_variable(p))
      continue; /* a step binds it */
    else if (r->constant != NULL)
      bind(ir, v, (ek__binding){.where = EK__IN_CONSTANT, .data = r->constant->data});
    else if (r->node < 0 && !r->carried)
      bind(ir, v, (ek__binding){.where = EK__IN_FEED, .index = r->feed});
    else if (r->fetch >= 0)
      bind(ir, v, (ek__binding){.where = EK__IN_FETCH, .index = r->fetch});
    else if (m->placed[root] != 0)
      bind(ir, v, (ek__binding){.where = EK__IN_ARENA, .offset = m->offset[root]});
    else if (r->dtype == EK_STRING && root == v && ir->nodes[p->node].needed && ir->nodes[p->node].def != NULL) {
      void *data = NULL;
      EK_TRY(string_memory(ir, v, &data));
      bind(ir, v, (ek__binding){.where = EK__IN_STRINGS, .data = data});
    }
  }
  for (int32_t v = 0; v < ir->n_values; v++) { /* aliases of strings: their roots are bound by now */
    const int32_t root = ek__root_of(ir, v);
    if (root == v || ir->values[root].dtype != EK_STRING || ir->values[v].dynamic || ir->values[v].constant != NULL)
      continue;
    for (int i = 0; i < ir->plan->n_bindings; i++)
      if (ir->plan->bindings[i].value == root && ir->plan->bindings[i].where == EK__IN_STRINGS) {
        bind(ir, v, (ek__binding){.where = EK__IN_STRINGS, .data = ir->plan->bindings[i].data});
        break;
      }
  }
  return EK_OK;
}

/* The ReadVariableOp whose value this is, perhaps under another name or shape; NULL: it is no such value. */
static ek__pnode *read_behind_aliases(ek__ir *ir, int32_t v) {
  if (ir->values[v].view_of == NULL) return NULL;
  while (ek__producer(ir, v) != NULL && ek__is_alias(ek__producer(ir, v))) v = ek__producer(ir, v)->in[0];
  const int32_t producer = ir->values[v].node;
  return producer >= 0 && ek__reads_resource(&ir->nodes[producer]) ? &ir->nodes[producer] : NULL;
}

/* A resource read may be a view if all who read it, through aliases too, are done before the next write of the
 * variable. Said of values and not of roots: what roots are depends on it. */
static void choose_resource_views(ek__ir *ir) {
  for (int i = 0; i < ir->n_nodes; i++) {
    ek__pnode *n = &ir->nodes[i];
    if (!n->needed) continue;
    if (ek__reads_resource(n)) n->view_read = ir->values[n->in[0]].slot != NULL;
    for (int k = 0; ek__is_merge(n) && k < n->n_in; k++) { /* who reads on behind it is not followed: a copy */
      ek__pnode *read = read_behind_aliases(ir, n->in[k]);
      if (read != NULL) read->view_read = false;
    }
  }
  for (int p = 0; p < ir->n_nodes; p++) {
    const ek__pnode *n = &ir->nodes[ir->order[p]];
    if (!n->needed) continue;
    if (n->writes)
      for (int k = 0; k < n->n_in; k++)
        if (ir->values[n->in[k]].slot != NULL) ir->values[n->in[k]].slot->index = p; /* the last write so far */
    const bool writing_loop = n->kind == EK__P_LOOP && n->writes;                    /* it reads after it has written */
    for (int k = 0; k < n->n_in; k++) { /* does this reader stand behind a write that came after the read? */
      ek__pnode *read = read_behind_aliases(ir, n->in[k]);
      if (read == NULL) continue;
      const int32_t wrote = ir->values[n->in[k]].view_of->index;
      if (wrote > ir->position[read - ir->nodes] && wrote < p + writing_loop) read->view_read = false;
    }
  }
}

ek_code ek__ir_memory(ek__ir *ir) {
  const size_t n = (size_t)ir->n_values;
  ek__memory m = {.ir = ir};
  for (int i = 0; i < ir->n_nodes; i++)
    if (ir->nodes[i].kind == EK__P_LOOP && ir->nodes[i].needed) EK_TRY(ek__ir_memory(&ir->nodes[i].loop->body));
  uint8_t *direct_root = ek__ir_alloc(ir, n, 1);
  m.last = ek__ir_alloc(ir, n, sizeof(int32_t));
  m.next = ek__ir_alloc(ir, n, sizeof(int32_t));
  m.dying = ek__ir_alloc(ir, (size_t)ir->n_nodes, sizeof(int32_t));
  m.offset = ek__ir_alloc(ir, n, sizeof(size_t));
  m.placed = ek__ir_alloc(ir, n, 1);
  m.places = ek__ir_alloc(ir, n, sizeof(ek__place));
  if (direct_root == NULL || m.last == NULL || m.next == NULL || m.dying == NULL || m.offset == NULL ||
      m.placed == NULL || m.places == NULL)
    return ir->st->code;
  for (int i = 0; i < ir->n_nodes; i++) m.dying[i] = -1;
  for (int i = 0; i < EK__CLASSES; i++) m.free_list[i] = -1;
  for (int i = 0; i < ir->n_values; i++) {
    if (ir->values[i].slot != NULL) ir->values[i].slot->index = -1;
    if (ir->values[i].view_of != NULL) ir->values[i].view_of->index = -1;
  }
  choose_resource_views(ir);
  give_roots(ir);
  find_last(&m);
  choose_direct_fetches(&m, direct_root);
  EK_TRY(ek__keep_carries(&m));
  EK_TRY(allocate(&m, direct_root));
  return make_bindings(&m);
}
