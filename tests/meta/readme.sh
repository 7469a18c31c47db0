# SPDX-License-Identifier: Apache-2.0
# The C program in README.md is examples/readme.c, which a test compiles and runs, without its licence line.
shown=$(sed -n '/^```c$/,/^```$/p' README.md | sed '1d;$d')
[ "$shown" = "$(sed 1d examples/readme.c)" ] && exit
echo "README.md: its program is not examples/readme.c:"
sed 1d examples/readme.c | { printf '%s\n' "$shown" | diff - /dev/fd/3; } 3<&0
exit 1
