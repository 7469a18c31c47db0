/* SPDX-License-Identifier: Apache-2.0 */
typedef int ek_no_kernels;
