# SPDX-License-Identifier: Apache-2.0
# header.sh COMPILER FOLDER HEADER: the header compiles alone, twice in a row, as C17 and as C++17, without a warning.
set -e
for language in "c -std=c17 -Wstrict-prototypes" "c++ -std=c++17"; do
  # shellcheck disable=SC2086 # the language brings its flags
  "$1" -x $language -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I "$2" -include "$3" -include "$3" /dev/null
done
