/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a `checkpoint` file: the message CheckpointState in protobuf's text form. */
#ifndef EK_IO_CHECKPOINT_STATE_H
#define EK_IO_CHECKPOINT_STATE_H

#include "evenkeel/io.h"
#include "io/bytes.h"

/* Appends the text of state, with the escapes and number forms of TensorFlow's writer. */
ek_code ek__checkpoint_state_format(const ek_checkpoint_state *state, ek__buffer *out, ek_status *st);
/* Reads text of size bytes followed by a NUL; strings and arrays of *state live in arena. DATA_LOSS "checkpoint: where:
 * line N: why" for text that is no CheckpointState. */
ek_code ek__checkpoint_state_parse(const char *where, const char *text, size_t size, ek__arena *arena,
                                   ek_checkpoint_state *state, ek_status *st);

#endif
