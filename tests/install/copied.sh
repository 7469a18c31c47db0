# SPDX-License-Identifier: Apache-2.0
# copied.sh COMPILER FOLDER: src/kernels and one header, copied elsewhere and compiled file by file with the flags that
# cmake/kernels.cmake has for each instruction set, are all that examples/kernels.c needs.
set -e
compiler=$1 folder=$2 here=$PWD
rm -rf "$folder"
mkdir -p "$folder/evenkeel"
cp -r src/kernels "$folder/kernels"
cp include/evenkeel/kernels.h "$folder/evenkeel"
cp examples/kernels.c "$folder/example.c"
cd "$folder"
sets=$(printf '#define EK_ISA(name) name\n#include "kernels/isa/isa.def"\n' | "$compiler" -E -P -I. -)
[ -n "$sets" ] || { echo "isa.def names no set"; exit 1; }
for isa in $sets; do
  flags=$(sed -n "s/ *set(EK_ISA_FLAGS_$isa \"*\([^\")]*\)\"*)/\1/p" "$here/cmake/kernels.cmake")
  # shellcheck disable=SC2086 # a list of options
  "$compiler" -std=c17 -ffp-contract=off $flags -I. -c "kernels/isa/$isa/all.c" -o "$isa.o"
done
find kernels -name '*.c' ! -path 'kernels/isa/*' >sources
# shellcheck disable=SC2046 # names without blanks
"$compiler" -std=c17 -ffp-contract=off -I. -o example example.c $(cat sources) ./*.o -lm
sh "$here/tests/examples/run.sh" ./example "$here/tests/examples/kernels.expected"
