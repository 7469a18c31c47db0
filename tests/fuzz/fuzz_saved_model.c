/* SPDX-License-Identifier: Apache-2.0 */
/* A SavedModel: what opens is looked at, imported, and written into a new one, which must open again. */
#include "check.h"
#include "evenkeel/saved_model.h"

#include <string.h>
#include <sys/stat.h>

static void look(const ek_saved_model *m, int i) {
  const ek_signature_def *s = NULL;
  for (int k = 0; (s = ek_saved_model_signature(m, i, k)) != NULL; k++)
    FUZZ_CHECK(ek_saved_model_find_signature(m, i, s->key) != NULL);
  for (int k = 0; ek_saved_model_asset(m, i, k) != NULL; k++)
    FUZZ_CHECK(ek_saved_model_asset(m, i, k)->filename != NULL);
  (void)ek_saved_model_init_op(m, i);
}

/* The folder of the second model, and everything in it. */
static void remove_model(const char *dir) {
  char path[256];
  (void)snprintf(path, sizeof path, "%s/saved_model.pb", dir);
  (void)unlink(path);
  (void)rmdir(dir);
}

static void write_again(ek_graph *g) {
  char dir[64];
  ek_status st = EK_STATUS_INIT;
  (void)snprintf(dir, sizeof dir, "fuzz-%ld-again", (long)getpid());
  remove_model(dir);
  ek_saved_model_builder *b = ek_saved_model_builder_new(dir, &st);
  FUZZ_CHECK(b != NULL);
  FUZZ_CHECK(ek_saved_model_builder_add_meta_graph(b, g, NULL, &st) == EK_OK);
  FUZZ_CHECK(ek_saved_model_builder_save(b, false, &st) == EK_OK);
  ek_saved_model_builder_free(b);
  ek_saved_model *m = ek_saved_model_open(dir, &st);
  FUZZ_CHECK(m != NULL);
  ek_saved_model_free(m);
  remove_model(dir);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  enum { SYNCED = 30 }; /* writing waits for the disk: the first ones only */
  static int written;
  char dir[64], path[128];
  (void)snprintf(dir, sizeof dir, "fuzz-%ld-model", (long)getpid());
  (void)snprintf(path, sizeof path, "%s/saved_model.pb", dir);
  (void)mkdir(dir, 0777);
  FUZZ_CHECK(rename(fuzz_file(data, size, ".pb"), path) == 0);
  ek_saved_model *m = ek_saved_model_open(dir, NULL);
  for (int i = 0; m != NULL && i < ek_saved_model_num_meta_graphs(m); i++) {
    ek_graph *g = ek_graph_new(NULL);
    look(m, i);
    const bool good = ek_saved_model_import(m, i, g, NULL, NULL, NULL) == EK_OK;
    if (good && written < SYNCED) written++, write_again(g);
    ek_graph_free(g);
  }
  ek_saved_model_free(m);
  remove_model(dir);
  return 0;
}
