# SPDX-License-Identifier: Apache-2.0
# find_package.sh PREFIX CMAKE: the same programs, built outside the tree with find_package(evenkeel).
set -eu
here=$(cd "$(dirname "$0")" && pwd) prefix=$1 cmake=$2
work=$prefix/../find_package && rm -rf "$work" && mkdir -p "$work" && cd "$work"
cp "$here/consumer.c" "$here/CMakeLists.txt" .
"$cmake" -S . -B out -G Ninja -DCMAKE_PREFIX_PATH="$prefix" >configure.log 2>&1 || { cat configure.log; exit 1; }
"$cmake" --build out
./out/consumer
./out/consumer_static
