/* SPDX-License-Identifier: Apache-2.0 */
/* A program of somebody else: the headers and the library that it finds are of one version, and a tensor can be made.
 */
#include <evenkeel/common.h>
#include <evenkeel/tensor.h>

#include <stdio.h>
#include <string.h>

int main(void) {
  ek_status st = EK_STATUS_INIT;
  ek_tensor *t = ek_tensor_float32(2.5f, &st);
  const int good = strcmp(ek_version(), EK_VERSION_STRING) == 0 && t != NULL && ek_tensor_number(t, 0) == 2.5;
  ek_tensor_free(t);
  printf("%s: %s\n", ek_version(), good ? "good" : st.msg);
  return !good;
}
