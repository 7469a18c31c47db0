/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/graph_def.h"

#include "base/map.h"

#include <string.h>

typedef struct ek__link_reader {
  const Ek__GraphDef *def;
  const char *what;
  const ek_import_graph_def_opts *o;
  ek__arena *arena;
  ek__map names; /* name -> place in the file */
  bool *used;    /* entries of the input map */
  ek__links *links;
  ek_status *st;
} ek__link_reader;

static bool valid_name(const char *name) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.\\-/>";
  return *name != '\0' && strchr("_\\-/>", *name) == NULL && name[strspn(name, letters)] == '\0';
}

static ek_code read_names(ek__link_reader *r) {
  for (size_t i = 0; i < r->def->n_node; i++) {
    const Ek__NodeDef *n = r->def->node[i];
    EK_REQUIRE(valid_name(n->name), r->st, EK_INVALID_ARGUMENT, "%s: node %zu: '%.80s' is not a valid node name",
               r->what, i, n->name);
    EK_REQUIRE(*n->op != '\0', r->st, EK_INVALID_ARGUMENT, "%s: node '%.80s' has no op type", r->what, n->name);
    EK_REQUIRE(ek__map_get(&r->names, n->name) == NULL, r->st, EK_INVALID_ARGUMENT,
               "%s: the node name '%.80s' comes twice", r->what, n->name);
    EK_TRY(ek__map_put(&r->names, n->name, (int64_t)i, r->st));
  }
  return EK_OK;
}

/* "node", "node:k": the length of the name and k; false if what follows the colon is no number. */
static bool split(const char *input, size_t *size, int32_t *port) {
  const char *colon = strrchr(input, ':');
  *port = 0;
  *size = colon == NULL ? strlen(input) : (size_t)(colon - input);
  if (colon == NULL) return true;
  const size_t digits = strspn(colon + 1, "0123456789");
  if (digits == 0 || digits > 6 || colon[1 + digits] != '\0') return false;
  for (const char *p = colon + 1; *p != '\0'; p++) *port = *port * 10 + (*p - '0');
  return true;
}

static bool find_mapped(ek__link_reader *r, const char *name, size_t size, ek__link *link) {
  for (int i = 0; i < r->o->n_map; i++) {
    size_t from_size = 0;
    int32_t from_port = 0;
    const char *from = r->o->map_from[i];
    if (!split(from, &from_size, &from_port) || from_port != link->port || from_size != size) continue;
    if (memcmp(from, name, size) != 0) continue;
    r->used[i] = true;
    link->node = -1;
    link->mapped = r->o->map_to[i];
    return true;
  }
  return false;
}

static ek_code read_input(ek__link_reader *r, const Ek__NodeDef *n, const char *input, ek__link *link) {
  const bool control = *input == '^';
  size_t size = strlen(input);
  bool good = true;
  if (control) {
    input++;
    size--;
    link->port = -1;
  } else {
    good = split(input, &size, &link->port);
    if (good && find_mapped(r, input, size, link)) return EK_OK;
  }
  const int64_t *place = good ? ek__map_get_n(&r->names, input, size) : NULL;
  EK_REQUIRE(place != NULL, r->st, EK_INVALID_ARGUMENT, "%s: %.60s '%.80s': there is no node for its input '%s%.80s'",
             r->what, n->op, n->name, control ? "^" : "", input);
  link->node = (int32_t)*place;
  return EK_OK;
}

static ek_code read_inputs(ek__link_reader *r) {
  size_t total = 0;
  const size_t n_nodes = r->def->n_node;
  for (size_t i = 0; i < n_nodes; i++) total += r->def->node[i]->n_input;
  r->links->at = ek__arena_array(r->arena, total, sizeof *r->links->at);
  r->links->first = ek__arena_array(r->arena, n_nodes + 1, sizeof *r->links->first);
  if (r->links->at == NULL || r->links->first == NULL) return ek__no_memory(r->st, "inputs of nodes", total);
  ek__link *link = r->links->at;
  for (size_t i = 0; i < n_nodes; i++) {
    const Ek__NodeDef *n = r->def->node[i];
    bool control = false;
    for (size_t k = 0; k < n->n_input; k++, link++) {
      EK_TRY(read_input(r, n, n->input[k], link));
      EK_REQUIRE(!control || link->port < 0, r->st, EK_INVALID_ARGUMENT,
                 "%s: %.60s '%.80s': its input '%.80s' comes after a control input", r->what, n->op, n->name,
                 n->input[k]);
      control = link->port < 0;
    }
    r->links->first[i + 1] = (size_t)(link - r->links->at);
  }
  for (int i = 0; i < r->o->n_map; i++) {
    EK_REQUIRE(r->used[i], r->st, EK_INVALID_ARGUMENT, "%s: input_map: no node reads '%.80s'", r->what,
               r->o->map_from[i]);
  }
  return EK_OK;
}

bool ek__is_back_edge(const Ek__GraphDef *def, const ek__link *link, size_t reader) {
  const char *from = link->node >= 0 ? def->node[link->node]->op : "", *to = def->node[reader]->op;
  return link->port >= 0 && (strcmp(to, "Merge") == 0 || strcmp(to, "RefMerge") == 0) &&
         (strcmp(from, "NextIteration") == 0 || strcmp(from, "RefNextIteration") == 0);
}

/* A heap of places in the file, the smallest on top. */
static void heap_push(int32_t *heap, size_t n, int32_t place) {
  size_t i = n;
  for (; i > 0 && heap[(i - 1) / 2] > place; i = (i - 1) / 2) heap[i] = heap[(i - 1) / 2];
  heap[i] = place;
}

static int32_t heap_pop(int32_t *heap, size_t n) {
  const int32_t top = heap[0], last = heap[n - 1];
  size_t i = 0;
  for (size_t child = 1; child < n - 1; child = 2 * i + 1) {
    if (child + 1 < n - 1 && heap[child + 1] < heap[child]) child++;
    if (heap[child] >= last) break;
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = last;
  return top;
}

/* Who reads a node: reader[first[i]] up to reader[first[i + 1]] for node i; and how many inputs each one waits for. */
typedef struct ek__readers {
  size_t *first;
  int32_t *reader, *waits;
} ek__readers;

static ek_code find_readers(ek__link_reader *r, ek__readers *out) {
  const ek__links *l = r->links;
  const size_t n = r->def->n_node;
  out->first = ek__arena_array(r->arena, n + 2, sizeof *out->first);
  out->reader = ek__arena_array(r->arena, l->first[n], sizeof *out->reader);
  out->waits = ek__arena_array(r->arena, n, sizeof *out->waits);
  if (out->first == NULL || out->reader == NULL || out->waits == NULL)
    return ek__no_memory(r->st, "readers of nodes", n);
  for (int pass = 0; pass < 2;
       pass++) { /* count, then place: first[i + 1] moves from the begin of i's readers to its end */
    for (size_t i = 0; i < n; i++) {
      for (size_t k = l->first[i]; k < l->first[i + 1]; k++) {
        const ek__link *link = &l->at[k];
        if (link->node < 0 || ek__is_back_edge(r->def, link, i)) continue;
        if (pass == 0) {
          out->waits[i]++;
          out->first[link->node + 2]++;
        } else {
          out->reader[out->first[link->node + 1]++] = (int32_t)i;
        }
      }
    }
    for (size_t i = 2; pass == 0 && i < n + 2; i++) out->first[i] += out->first[i - 1];
  }
  return EK_OK;
}

/* Of the nodes that wait for nothing any more always the first in the file, as TensorFlow does it: a file that is in
 * order keeps its order. */
static ek_code find_order(ek__link_reader *r) {
  const size_t n = r->def->n_node;
  ek__readers to = {0};
  EK_TRY(find_readers(r, &to));
  int32_t *ready = ek__arena_array(r->arena, n, sizeof *ready), *order = ek__arena_array(r->arena, n, sizeof *order);
  if (ready == NULL || order == NULL) return ek__no_memory(r->st, "an order of nodes", n);
  size_t n_ready = 0, done = 0;
  for (size_t i = 0; i < n; i++) {
    if (to.waits[i] == 0) heap_push(ready, n_ready++, (int32_t)i);
  }
  while (n_ready > 0) {
    const size_t node = (size_t)(order[done++] = heap_pop(ready, n_ready--));
    for (size_t k = to.first[node]; k < to.first[node + 1]; k++) {
      if (--to.waits[to.reader[k]] == 0) heap_push(ready, n_ready++, to.reader[k]);
    }
  }
  for (size_t i = 0; done < n && i < n; i++) {
    EK_REQUIRE(to.waits[i] == 0, r->st, EK_INVALID_ARGUMENT, "%s: %.60s '%.80s' is in a cycle, or reads from one",
               r->what, r->def->node[i]->op, r->def->node[i]->name);
  }
  r->links->order = order;
  return EK_OK;
}

ek_code ek__links_read(const Ek__GraphDef *def, const char *what, const ek_import_graph_def_opts *o, ek__arena *arena,
                       ek__links *links, ek_status *st) {
  ek__link_reader r = {.def = def, .what = what, .o = o, .arena = arena, .links = links, .st = st};
  EK_REQUIRE(def->n_node < 1 << 24, st, EK_RESOURCE_EXHAUSTED, "%s: %zu nodes; a graph holds less than 2^24", what,
             def->n_node);
  r.used = ek__arena_array(arena, (size_t)(o->n_map > 0 ? o->n_map : 0), sizeof *r.used);
  if (r.used == NULL) return ek__no_memory(st, "an input map", (size_t)o->n_map);
  ek__map_init(&r.names, arena->allocator);
  ek_code code = read_names(&r);
  if (code == EK_OK) code = read_inputs(&r);
  if (code == EK_OK) code = find_order(&r);
  ek__map_fini(&r.names);
  return code;
}
