# SPDX-License-Identifier: Apache-2.0
# pkg_config.sh PREFIX LIBDIR: a C program, and a C++17 one that includes every header, built outside the tree with
# pkg-config; and the C program once more, linked statically. CC and CFLAGS come from the build.
set -eu
here=$(cd "$(dirname "$0")" && pwd) prefix=$1 lib=$1/$2
export PKG_CONFIG_PATH="$lib/pkgconfig"
work=$prefix/../pkg_config && rm -rf "$work" && mkdir -p "$work" && cd "$work"
[ -s "$prefix/share/evenkeel/digits/t10k-images-idx3-ubyte.gz" ] || { echo "the digits are not installed"; exit 1; }
[ -e "$lib/libevenkeel.so.$(pkg-config --modversion evenkeel | cut -d. -f1)" ] || { echo "no libevenkeel.so under its SONAME"; exit 1; }
{
  for header in "$prefix"/include/evenkeel/*.h; do echo "#include <evenkeel/$(basename "$header")>"; done
  echo 'int main() { return ek_version() == nullptr; }'
} >headers.cpp
# shellcheck disable=SC2046,SC2086 # flags are words
{
  $CC -std=c17 -Wall -Wextra -Wpedantic -Werror $CFLAGS -o consumer "$here/consumer.c" $(pkg-config --cflags --libs evenkeel)
  $CC -x c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror $CFLAGS -o headers headers.cpp $(pkg-config --cflags --libs evenkeel)
  $CC -std=c17 $CFLAGS -o static "$here/consumer.c" $(pkg-config --cflags evenkeel) "$lib/libevenkeel.a" \
    $(pkg-config --static --libs evenkeel | sed 's/-levenkeel//')
}
LD_LIBRARY_PATH=$lib ./consumer
LD_LIBRARY_PATH=$lib ./headers
./static
