# SPDX-License-Identifier: Apache-2.0
# Draws accuracy over steps from training logs (log.jsonl, one JSON object a line), one curve a file.
# awk -v labels="batch norm,plain" -v unicode=1 -v colour=1 -f plot.awk A/log.jsonl B/log.jsonl   (LC_ALL=C: bytes)
# A cell is 2 x 4 dots of a Braille character, or without Unicode one letter.

function number(line, key,    from) {
  from = match(line, "\"" key "\": *")
  return from ? substr(line, from + RLENGTH) + 0 : -1
}
function braille(dots) { return sprintf("%c%c%c", 226, 160 + int(dots / 64), 128 + dots % 64) }

BEGIN {
  width = 56; height = 14
  across = unicode ? 2 : 1; down = unicode ? 4 : 1
  split("1 2 4 64 8 16 32 128", bit, " ") # dots of the left column from above, then of the right one
  split("* o + x", letter, " ")
  split("32 33 36 35", paint, " ")
  split(labels, label, ",")
  columns = width * across; rows = height * down
}
FNR == 1 { curves++ }
number($0, "accuracy") >= 0 && number($0, "step") >= 0 {
  n = ++points[curves]
  x[curves, n] = number($0, "step"); y[curves, n] = number($0, "accuracy")
  if (x[curves, n] > last) last = x[curves, n]
}
END {
  if (!last) { print "plot: no steps with an accuracy in the logs" > "/dev/stderr"; exit 1 }
  for (c = 1; c <= curves; c++) {
    if (!points[c]) continue
    split("", sum); split("", count); split("", mean)
    for (i = 1; i <= points[c]; i++) { # the mean of what falls into one column of dots
      column = int((columns - 1) * x[c, i] / last)
      sum[column] += y[c, i]; count[column]++
    }
    row = -1
    known = -1
    for (column = 0; column < columns; column++) { # a column without points lies on the line between its neighbours
      if (!count[column]) continue
      mean[column] = sum[column] / count[column]
      for (i = known + 1; known >= 0 && i < column; i++)
        mean[i] = mean[known] + (mean[column] - mean[known]) * (i - known) / (column - known)
      if (known < 0) first = column
      known = column
    }
    row = -1
    for (column = first; column <= known; column++) {
      before = row
      row = int((rows - 1) * (1 - mean[column]) + 0.5)
      from = before < 0 ? row : before + (row > before) - (row < before)
      if (before == row) from = row
      for (r = from; ; r += r < row ? 1 : -1) { # joined to the column before
        cell = int(r / down) SUBSEP int(column / across)
        mark = unicode ? bit[(column % across) * 4 + r % down + 1] : 0
        if (!((cell, mark, "dot") in seen)) { dots[cell] += mark; seen[cell, mark, "dot"] }
        owner[cell] = c
        if (r == row) break
      }
      ended[c] = int(row / down); final[c] = mean[column]
    }
  }
  for (c = 1; c <= curves; c++) { # the names stand behind the curves' ends, one a line
    if (!points[c]) continue
    r = ended[c]
    while (r in name && r < height - 1) r++
    while (r in name) r--
    name[r] = c
  }
  print "  accuracy"
  for (r = 0; r < height; r++) {
    tick = r == 0 ? "1.0" : r == height - 1 ? "0.0" : r == int((height - 1) / 2 + 0.5) ? "0.5" : "   "
    printf "  %s %s", tick, unicode ? "\342\224\202" : "|"
    for (column = 0; column < width; column++) {
      cell = r SUBSEP column
      if (!(cell in owner)) { printf " "; continue }
      glyph = unicode ? braille(dots[cell]) : letter[owner[cell]]
      printf "%s", colour ? "\033[" paint[owner[cell]] "m" glyph "\033[0m" : glyph
    }
    if (r in name) {
      c = name[r]
      printf " %s%s%s %.3f%s", colour ? "\033[" paint[c] "m" : "", unicode ? "" : letter[c] " ", label[c], final[c], colour ? "\033[0m" : ""
    }
    print ""
  }
  printf "      %s", unicode ? "\342\224\224" : "+"
  for (column = 0; column < width; column++) printf "%s", unicode ? "\342\224\200" : "-"
  printf "\n       0%*s\n", width - 1, last " steps"
}
