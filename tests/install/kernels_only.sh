# SPDX-License-Identifier: Apache-2.0
# kernels_only.sh CMAKE CTEST COMPILER FOLDER: the kernels build and pass their tests in a tree that holds nothing else,
# without OpenMP.
set -e
cmake=$1 ctest=$2 compiler=$3 folder=$4 tree=$4/tree build=$4/build
rm -rf "$folder"
mkdir -p "$tree"
files=$(find CMakeLists.txt cmake src/kernels include/evenkeel/kernels.h examples/kernels.c tests/kernels tests/test.h \
  tests/examples/run.sh tests/examples/kernels.expected src/tensor/half.h -type f)
for file in $files; do
  mkdir -p "$tree/$(dirname "$file")"
  cp "$file" "$tree/$file"
done
log=$folder/log
{
  "$cmake" -S "$tree" -B "$build" -DCMAKE_C_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_C_FLAGS_DEBUG=-O1 -DEK_WERROR=ON -DEK_KERNELS_ONLY=ON -DCMAKE_DISABLE_FIND_PACKAGE_OpenMP=ON
  "$cmake" --build "$build" --parallel 2
  "$cmake" --install "$build" --prefix "$folder/installed"
} >"$log" 2>&1 || { tail -n 40 "$log"; exit 1; }
[ -f "$folder/installed/include/evenkeel/kernels.h" ] || { echo "the header is not installed"; exit 1; }
if nm "$build/libevenkeel_kernels.a" | grep -E ' U (GOMP|omp|__kmpc)_'; then echo "OpenMP is needed"; exit 1; fi
cd "$build"
"$ctest" --output-on-failure --no-tests=error >"$log" 2>&1 || { tail -n 40 "$log"; exit 1; }
for test in examples/kernels kernels/test_batch_norm; do
  grep -q "$test .*Passed" "$log" || { echo "$test did not run"; cat "$log"; exit 1; }
done
