# SPDX-License-Identifier: Apache-2.0
# exports.sh LIBRARY: the shared library exports ek_ names and nothing else (ek__ is private; sanitizers add their own).
nm -D --defined-only "$1" | awk '
  $NF !~ /^ek_[a-z]/ && $NF !~ /^_*(odr_)?_?(asan|ubsan|tsan|sancov)/ { print $NF " is exported: make it static, or leave EK_API off"; bad = 1 }
  $NF ~ /^ek_[a-z]/ { n++ }
  END { if (!n) print "no ek_ symbol is exported"; exit bad || !n }'
