/* SPDX-License-Identifier: Apache-2.0 */
/* Errors. A call that can fail returns an ek_code and fills a status that the caller owns (often on its stack), so that
 * an error can be told even when memory has run out. Building a graph is different: there errors stick to the graph,
 * and ek_session_new (or ek_graph_status) reports the first. The library never prints, aborts or exits. */
#ifndef EVENKEEL_STATUS_H
#define EVENKEEL_STATUS_H

#include "common.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Numbers and meanings are those of TensorFlow's TF_Code. */
typedef enum ek_code {
  EK_OK = 0,
  EK_CANCELLED = 1,
  EK_UNKNOWN = 2,
  EK_INVALID_ARGUMENT = 3,
  EK_DEADLINE_EXCEEDED = 4,
  EK_NOT_FOUND = 5,
  EK_ALREADY_EXISTS = 6,
  EK_PERMISSION_DENIED = 7,
  EK_RESOURCE_EXHAUSTED = 8,
  EK_FAILED_PRECONDITION = 9,
  EK_ABORTED = 10,
  EK_OUT_OF_RANGE = 11,
  EK_UNIMPLEMENTED = 12,
  EK_INTERNAL = 13,
  EK_UNAVAILABLE = 14,
  EK_DATA_LOSS = 15
} ek_code;

/* One line: op type, node or file, what was found, what was allowed. Cut at the size of the buffer. */
typedef struct ek_status {
  ek_code code;
  char msg[500];
} ek_status;

#define EK_STATUS_INIT                                                                                                 \
  { EK_OK, "" }

/* Sets code and message unless the status already holds an error (the first one wins); st may be NULL. Returns code. */
EK_API ek_code ek_status_set(ek_status *st, ek_code code, const char *fmt, ...) EK_PRINTF(3, 4);

/* Back to EK_OK and the empty message. */
EK_API void ek_status_clear(ek_status *st);

/* "INVALID_ARGUMENT" and so on; "UNKNOWN" for a number that is none. */
EK_API const char *ek_code_name(ek_code code);

#ifdef __cplusplus
}
#endif
#endif
