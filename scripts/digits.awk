# SPDX-License-Identifier: Apache-2.0
# Draws digits side by side in shades, with what was predicted below. Input: one line of predictions and one of labels,
# then the pixels (0 dark to 255 bright), one image row a line.   awk -v size=8 -v images=4 -v unicode=1 -f digits.awk
NR == 1 { split($0, predicted, " "); next }
NR == 2 { split($0, actual, " "); next }
{
  row = (NR - 3) % size; image = int((NR - 3) / size) + 1
  if (image > images) next
  line = ""
  for (i = 1; i <= size; i++) {
    shade = split(unicode ? "  |\342\226\221|\342\226\222|\342\226\223|\342\226\210" : " |.|:|*|#", glyph, "|")
    g = glyph[int($i * (shade - 1) / 255 + 0.5) + 1]
    if (g == "  ") g = " "
    line = line g g
  }
  drawn[image, row] = line
}
END {
  for (row = 0; row < size; row++) {
    for (image = 1; image <= images; image++) printf "  %s", drawn[image, row]
    print ""
  }
  for (image = 1; image <= images; image++) {
    verdict = predicted[image] == actual[image] ? predicted[image] : predicted[image] ", is " actual[image]
    printf "  %-*s", 2 * size, sprintf("%*s", size + int(length(verdict) / 2), verdict)
  }
  print ""
}
