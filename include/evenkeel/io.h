/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors in files: TensorFlow's V2 checkpoints and the `checkpoint` file beside them, NumPy's NPY and NPZ, IDX.
 *
 * Whatever a file holds, reading it gives a result or an error; no more memory is taken than the file could fill.
 * Messages read "WHAT: WHERE: WHY". Whatever writes replaces its target in one step: on failure the old file stands and
 * no other is left. Calls on different objects may run in different threads. */
#ifndef EVENKEEL_IO_H
#define EVENKEEL_IO_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- checkpoints */

/* A checkpoint opened for reading (tf.train.load_checkpoint). It does not change: any number of threads may use it. */
typedef struct ek_checkpoint_reader ek_checkpoint_reader;

/* Reads PREFIX.index. NULL on failure: NOT_FOUND, DATA_LOSS if the index is damaged. Free with _free, which accepts
 * NULL. */
EK_API ek_checkpoint_reader *ek_checkpoint_reader_new(const char *prefix, ek_status *st);
EK_API void ek_checkpoint_reader_free(ek_checkpoint_reader *r);
EK_API int ek_checkpoint_reader_num_keys(const ek_checkpoint_reader *r);
/* Name i in ascending order, borrowed; NULL if i is outside. */
EK_API const char *ek_checkpoint_reader_key(const ek_checkpoint_reader *r, int i);
EK_API bool ek_checkpoint_reader_has(const ek_checkpoint_reader *r, const char *key);
/* EK_INVALID_DTYPE and the unknown shape if there is no such key. */
EK_API ek_dtype ek_checkpoint_reader_dtype(const ek_checkpoint_reader *r, const char *key);
EK_API ek_shape ek_checkpoint_reader_shape(const ek_checkpoint_reader *r, const char *key);
/* The tensor (the caller frees it), its checksum verified; a partitioned variable is put together. NOT_FOUND;
 * DATA_LOSS; UNIMPLEMENTED for a dtype that ek_dtype lacks or a rank over EK_MAX_RANK. */
EK_API ek_tensor *ek_checkpoint_reader_get_tensor(const ek_checkpoint_reader *r, const char *key, ek_status *st);

/* Writes n named tensors as PREFIX.data-00000-of-00001 and PREFIX.index, the data in the order given, which is how
 * SaveV2 does it; both files are the same bytes that TensorFlow writes. A checkpoint of that prefix is replaced: a kill
 * on the way leaves the old one, the new one or none. The last folder of prefix is made if it is missing. */
EK_API ek_code ek_checkpoint_write(const char *prefix, const char *const *names, const ek_tensor *const *tensors, int n,
                                   ek_status *st);
/* Deletes a checkpoint, index first (tf.train.remove_checkpoint). None there: EK_OK. */
EK_API ek_code ek_train_remove_checkpoint(const char *prefix, ek_status *st);
/* tf.train.checkpoint_exists. */
EK_API bool ek_train_checkpoint_exists(const char *prefix);

/* What the file `checkpoint` in a folder of checkpoints says (tf.train.get_checkpoint_state). A timestamp is seconds
 * since 1970; there are none, or one for each path. last_preserved_timestamp 0: not given. */
typedef struct ek_checkpoint_state {
  const char *model_checkpoint_path; /* the newest */
  const char *const *all_model_checkpoint_paths;
  int num_paths;
  const double *all_model_checkpoint_timestamps;
  int num_timestamps;
  double last_preserved_timestamp;
} ek_checkpoint_state;

/* Reads DIR/LATEST_FILENAME (NULL: "checkpoint"); relative paths in it are joined to dir. The caller frees the result
 * by ek_checkpoint_state_free, which accepts NULL. NULL on failure: NOT_FOUND; DATA_LOSS for text that is no such
 * message; INVALID_ARGUMENT if it names no newest checkpoint. */
EK_API const ek_checkpoint_state *ek_train_get_checkpoint_state(const char *dir, const char *latest_filename,
                                                                ek_status *st);
EK_API void ek_checkpoint_state_free(const ek_checkpoint_state *state);

/* Writes DIR/LATEST_FILENAME (tf.train.update_checkpoint_state; NULL: "checkpoint"). The newest path is added to the
 * list if it is not its last. Paths are kept as seen from dir: relative ones (from the current folder) if dir is
 * relative, and absolute ones if save_relative_paths. INVALID_ARGUMENT: timestamps do not match the paths, or a
 * checkpoint is named like the file itself. */
EK_API ek_code ek_train_update_checkpoint_state(const char *dir, const ek_checkpoint_state *state,
                                                bool save_relative_paths, const char *latest_filename, ek_status *st);

/* The prefix of the newest checkpoint of a folder, into path of size bytes (tf.train.latest_checkpoint). false: no
 * readable state file, its checkpoint is not there, or path is too small. */
EK_API bool ek_train_latest_checkpoint(const char *dir, const char *latest_filename, char *path, size_t size);

/* ---- NumPy and IDX */

/* One array of a .npy file (numpy.load): versions 1 to 3 of the format, either byte order, C or Fortran order, the
 * dtypes of ek_dtype that NumPy has; fixed-width bytes ('S') and text ('U', as UTF-8) become strings without the zeros
 * at their end, voids ('V') with them; '<V2' is bfloat16, as ml_dtypes and TensorFlow write it. The caller frees it.
 * NULL on failure: NOT_FOUND; DATA_LOSS for a damaged file or one with more bytes than its array; UNIMPLEMENTED for
 * objects, records and other dtypes, or a rank over EK_MAX_RANK. */
EK_API ek_tensor *ek_npy_load(const char *path, ek_status *st);
/* Writes the bytes numpy.save writes. bfloat16, which NumPy lacks, becomes float32; strings become 'S' of the longest
 * one. NumPy drops zeros at the end of those: strings that have them become 'V' (the value is .tobytes()) if all have
 * one length, as a Summary alone has, and are refused else. */
EK_API ek_code ek_npy_save(const char *path, const ek_tensor *t, ek_status *st);

/* An .npz archive opened for reading; use it from one thread at a time. */
typedef struct ek_npz ek_npz;
EK_API ek_npz *ek_npz_open(const char *path, ek_status *st);
EK_API void ek_npz_close(ek_npz *z); /* accepts NULL */
EK_API int ek_npz_num_arrays(const ek_npz *z);
/* The name of array i in the file's order, without ".npy", borrowed; NULL if i is outside. */
EK_API const char *ek_npz_name(const ek_npz *z, int i);
/* The array of that name as ek_npy_load gives it; NOT_FOUND lists what there is. */
EK_API ek_tensor *ek_npz_get(ek_npz *z, const char *name, ek_status *st);

/* An .npz archive under construction, members in the order added (numpy.savez, or savez_compressed). Nothing exists at
 * path until ek_npz_writer_finish has put the whole archive there. */
typedef struct ek_npz_writer ek_npz_writer;
EK_API ek_npz_writer *ek_npz_writer_new(const char *path, bool compressed, ek_status *st);
/* Holds a reference to t until the writer is freed. INVALID_ARGUMENT: a repeated or empty name, or what ek_npy_save
 * refuses. */
EK_API ek_code ek_npz_writer_add(ek_npz_writer *w, const char *name, ek_tensor *t, ek_status *st);
EK_API ek_code ek_npz_writer_finish(ek_npz_writer *w, ek_status *st);
/* Frees the writer (NULL is accepted); without a successful finish no file is left. */
EK_API void ek_npz_writer_free(ek_npz_writer *w);

/* An IDX file, the format of MNIST, plain or gzip by its contents: unsigned and signed bytes, int16, int32, float32,
 * float64. Bytes stay uint8. The caller frees the tensor. NULL on failure: NOT_FOUND; DATA_LOSS for a file that is no
 * IDX file, is cut off, or holds more than its header says. */
EK_API ek_tensor *ek_idx_load(const char *path, ek_status *st);

#ifdef __cplusplus
}
#endif
#endif
