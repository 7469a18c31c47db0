# SPDX-License-Identifier: Apache-2.0
# calls.sh OBJECT...: the arrows hold at link time too, where the public API would hide one that points back: what an
# object of src/FOLDER takes from another folder is in one that arrows lets it include. Layers may call all that is public;
# the registry of ops (graph/registry.c, by ops/ops.def) is the one file of graph that knows ops.
table=$(dirname "$0")/arrows
nm -A "$@" 2>/dev/null | awk -v table="$table" '
  BEGIN {
    while ((getline line < table) > 0) {
      n = split(line, word, " ")
      if (word[1] == "may" && sub(/^src\//, "", word[2])) for (i = 3; i <= n; i++) may[word[2], word[i]] = 1
    }
  }
  { # PATH.o:ADDRESS TYPE SYMBOL
    file = $0
    sub(/\.o:.*/, "", file)
    sub(/^(.*\/)?src\//, "", file)
    folder = file
    sub(/\/.*/, "", folder)
  }
  $(NF - 1) ~ /^[TDBRV]$/ { home[$NF] = folder; n_symbols++ }
  $(NF - 1) == "U" { uses[file " " $NF] = folder }
  END {
    if (!n_symbols) { print "skipped: nm sees no symbols"; exit 77 }
    for (use in uses) {
      split(use, part, " ")
      from = uses[use]; to = home[part[2]]
      if (to == "" || to == from || (from, to) in may) continue
      if (from == "layers" && part[2] !~ /^ek__/) continue
      if (from == "layers" && to == "base") continue
      if (part[1] == "graph/registry.c" && to == "ops") continue
      print "src/" part[1] " takes " part[2] " from src/" to
      bad = 1
    }
    exit bad
  }'
