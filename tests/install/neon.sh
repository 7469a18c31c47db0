# SPDX-License-Identifier: Apache-2.0
# neon.sh CMAKE CTEST FOLDER: the kernels, cross-compiled for AArch64, pass their tests in qemu with both sets that they
# have there; one that it lacks is an error.
set -e
cmake=$1 ctest=$2 build=$3
for qemu in qemu-aarch64-static qemu-aarch64 none; do
  if command -v $qemu >/dev/null; then break; fi
done
for need in aarch64-linux-gnu-gcc $qemu; do
  command -v "$need" >/dev/null || { echo "skipped: no $need (packages gcc-aarch64-linux-gnu and qemu-user-static)"; exit 77; }
done
rm -rf "$build"
mkdir -p "$build"
log=$build/log
{
  "$cmake" -B "$build" -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
    -DCMAKE_C_COMPILER=aarch64-linux-gnu-gcc -DCMAKE_CROSSCOMPILING_EMULATOR="$qemu;-L;/usr/aarch64-linux-gnu" \
    -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG=-O1 -DEK_WERROR=ON -DEK_KERNELS_ONLY=ON \
    -DCMAKE_DISABLE_FIND_PACKAGE_OpenMP=ON
  "$cmake" --build "$build" --parallel 2
} >"$log" 2>&1 || { tail -n 40 "$log"; exit 1; }
cd "$build"
"$ctest" -j2 --output-on-failure --no-tests=error >"$log" 2>&1 || { tail -n 40 "$log"; exit 1; }
grep -q "examples/kernels .*Passed" "$log" || { echo "the example did not run"; cat "$log"; exit 1; }
for isa in neon scalar; do
  EK_ISA=$isa $qemu -L /usr/aarch64-linux-gnu ./example_kernels >$isa.out || { echo "EK_ISA=$isa failed"; exit 1; }
done
cmp neon.out scalar.out
if EK_ISA=avx2 $qemu -L /usr/aarch64-linux-gnu ./example_kernels 2>absent; then echo "EK_ISA=avx2 ran"; exit 1; fi
grep -qx "instruction set not available" absent || { cat absent; exit 1; }
