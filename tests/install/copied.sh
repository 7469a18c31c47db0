# SPDX-License-Identifier: Apache-2.0
# copied.sh COMPILER FOLDER: src/kernels and one header, copied elsewhere, are all that examples/kernels.c needs: one
# command compiles them, without the flags of cmake/kernels.cmake, and every instruction set is there.
set -e
compiler=$1 folder=$2 here=$PWD
rm -rf "$folder"
mkdir -p "$folder/evenkeel"
cp -r src/kernels "$folder/kernels"
cp include/evenkeel/kernels.h "$folder/evenkeel"
cp examples/kernels.c "$folder/example.c"
cd "$folder"
# shellcheck disable=SC2046 # names without blanks
"$compiler" -std=c17 -Wall -Wpedantic -I. -o example example.c $(find kernels -name '*.c') -lm 2>warnings || { cat warnings; exit 1; }
cat warnings
[ ! -s warnings ] || exit 1
sets=$(printf '#define EK_ISA(name) name\n#include "kernels/isa/isa.def"\n' | "$compiler" -E -P -I. -)
[ -n "$sets" ] || { echo "isa.def names no set"; exit 1; }
for isa in $sets; do
  EK_ISA=$isa ./example >out 2>why && ran=yes || ran=no
  [ $ran = yes ] || grep -qx "instruction set not available" why || { echo "$isa:"; cat why; exit 1; }
  [ $ran = no ] || cmp out "$here/tests/examples/kernels.expected"
done
[ "$ran" = yes ] # scalar, the last one, runs everywhere
