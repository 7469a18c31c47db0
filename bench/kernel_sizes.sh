#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kernel_sizes.sh OBJECT...: how many bytes of code and constants the kernels of each instruction set are, as JSON. Those
# objects count that were made of isa/NAME/all.c. Exit status 1 where one has 700 KB or more.
command -v readelf >/dev/null || { echo "skipped: no readelf" >&2; exit 77; }
for object; do
  isa=$(echo "$object" | sed -n 's|.*/isa/\([a-z0-9_]*\)/all\.c\.o$|\1|p')
  [ -z "$isa" ] || readelf -SW "$object" | sed 's/^ *\[ *[0-9]*\] //' | awk -v isa="$isa" '
    function value(hex,   i, n) {
      for (i = 1; i <= length(hex); i++) n = 16 * n + index("0123456789abcdef", substr(hex, i, 1)) - 1
      return n
    }
    $2 == "PROGBITS" && $7 ~ /A/ { bytes += value($5) }
    END { print isa, bytes }'
done | sort -k2n | awk '
  { rows = rows (NR > 1 ? ",\n " : " ") "{\"isa\": \"" $1 "\", \"bytes\": " $2 "}" }
  $2 >= 700 * 1024 { bad = 1 }
  END { print "{\"results\": [\n" rows "]}"; exit bad || !NR }'
