/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a `checkpoint` file; what is accepted must survive being written and read again. */
#include "check.h"
#include "io/checkpoint_state.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = malloc(size + 1);
  FUZZ_CHECK(text != NULL);
  if (size > 0) memcpy(text, data, size);
  text[size] = '\0';
  ek_checkpoint_state s, t;
  ek__arena arena;
  ek__arena_init(&arena, ek_allocator_default());
  if (ek__checkpoint_state_parse("fuzz", text, size, &arena, &s, NULL) == EK_OK && s.model_checkpoint_path != NULL) {
    ek__buffer out;
    ek__buffer_init(&out, ek_allocator_default());
    FUZZ_CHECK(ek__checkpoint_state_format(&s, &out, NULL) == EK_OK && ek__buffer_append(&out, "", 1, NULL) == EK_OK);
    FUZZ_CHECK(ek__checkpoint_state_parse("fuzz", (char *)out.data, out.size - 1, &arena, &t, NULL) == EK_OK);
    FUZZ_CHECK(s.num_paths == t.num_paths && s.num_timestamps == t.num_timestamps);
    FUZZ_CHECK(strcmp(s.model_checkpoint_path, t.model_checkpoint_path) == 0);
    for (int i = 0; i < s.num_paths; i++)
      FUZZ_CHECK(strcmp(s.all_model_checkpoint_paths[i], t.all_model_checkpoint_paths[i]) == 0);
    ek__buffer_fini(&out);
  }
  ek__arena_fini(&arena);
  free(text);
  return 0;
}
