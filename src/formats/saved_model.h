/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the parts of a SavedModel, as its reader and its builder share them. */
#ifndef EK_FORMATS_SAVED_MODEL_H
#define EK_FORMATS_SAVED_MODEL_H

#include "evenkeel/saved_model.h"
#include "formats/meta_graph.h"
#include "io/path.h"

#include "saved_model.pb-c.h"

#define EK__SAVED_MODEL_PB     "saved_model.pb"
#define EK__SAVED_MODEL_PBTXT  "saved_model.pbtxt"
#define EK__VARIABLES_PREFIX   "variables/variables"
#define EK__MAIN_OP_KEY        "saved_model_main_op"
#define EK__LEGACY_INIT_OP_KEY "legacy_init_op"
#define EK__ASSETS_KEY         "saved_model_assets"
#define EK__INIT_OP_SIGNATURE  "__saved_model_init_op"
#define EK__TRAIN_OP_SIGNATURE "__saved_model_train_op"

enum { EK__SAVED_MODEL_SCHEMA = 1 };

/* A signature as its message and back; everything made lies in arena, strings are borrowed. */
ek_code ek__signature_from_proto(const char *key, const Ek__SignatureDef *def, ek__arena *arena, ek_signature_def *out,
                                 ek_status *st);
ek_code ek__signature_to_proto(const ek_signature_def *signature, ek__arena *arena,
                               Ek__MetaGraphDef__SignatureDefEntry **out, ek_status *st);

#endif
