# SPDX-License-Identifier: Apache-2.0
# awk -f includes.awk arrows SOURCE...: an include or a call that tests/meta/arrows forbids is one line and exit status 1.

function complain(why) {
  print FILENAME ":" FNR ": " why
  bad = 1
}
function under(path, place) { return path == place || index(path, place "/") == 1 }
function folder_of(path,    folder) { # the row of "may" that a file belongs to
  for (folder in may) if (under(path, folder)) return folder
  return ""
}
function exists(path,    line, got) {
  got = (getline line < path)
  close(path)
  return got >= 0
}
function normal(path) { # a/b/../c is a/c
  while (match(path, /[^\/.][^\/]*\/\.\.\//)) path = substr(path, 1, RSTART - 1) substr(path, RSTART + RLENGTH)
  return path
}
function allowed(module_file,    i, n, word) {
  n = split(may[home], word, " ")
  for (i = 1; i <= n; i++) if (word[i] == module_file || under(module_file, word[i])) return 1
  return 0
}
function check_private(name,    beside) {
  beside = FILENAME
  sub(/[^\/]*$/, "", beside)
  beside = normal(beside name)
  if (under(beside, home) && exists(beside)) return
  if (!exists("src/" name)) {
    if (name ~ /\.pb-c\.h$/) check_outside(name)
    else complain("\"" name "\" is no header of " home " nor of src")
    return
  }
  if (!under("src/" name, home) && !allowed(name)) complain("\"" name "\" goes against the arrows: " home " may include " (may[home] == "" ? "only its own headers" : may[home]))
}
function check_outside(name,    key, i, n, place, known) {
  for (key in not_in) if (key == name && under(FILENAME, not_in[key])) complain("<" name "> is not for " not_in[key])
  if (name in libc) return
  for (key in only) {
    if (index(name, key) != 1 && substr(name, length(name) - length(key) + 1) != key) continue
    known = 1
    n = split(only[key], place, " ")
    for (i = 1; i <= n; i++) if (under(FILENAME, place[i])) return
    complain("<" name "> belongs in " only[key] " only")
  }
  if (!known) complain("<" name "> is not among the libraries this project uses (tests/meta/arrows)")
}

FNR == 1 { home = "" }
FILENAME ~ /arrows$/ {
  word = $1; key = $2
  if (word == "libc") { for (i = 2; i <= NF; i++) libc[$i ".h"] = 1; next }
  $1 = $2 = ""
  sub(/^ +/, "")
  if (word == "may") may[key] = $0
  if (word == "only") only[key] = $0
  if (word == "not") not_in[key] = $0
  if (word == "call") call[key] = $0
  next
}
FNR == 1 { commented = 0 }
home == "" { home = folder_of(FILENAME) }
/^[ \t]*#[ \t]*include[ \t]*["<]/ {
  name = $0
  sub(/^[^"<]*["<]/, "", name)
  sub(/[">].*/, "", name)
  if (name ~ /^evenkeel\//) {
    if (!allowed("public") && !allowed(name) && home != "include/evenkeel") complain("<" name "> goes against the arrows: " home " may include " (may[home] == "" ? "only its own headers" : may[home]))
  } else if ($0 ~ /include[ \t]*"/) check_private(name)
  else check_outside(name)
  next
}
{
  text = $0
  while (match(text, /\/\*([^*]|\*[^\/])*\*\//)) text = substr(text, 1, RSTART - 1) " " substr(text, RSTART + RLENGTH)
  if (commented) { if (!match(text, /\*\//)) next; text = substr(text, RSTART + 2); commented = 0 }
  if (match(text, /\/\*/)) { text = substr(text, 1, RSTART - 1); commented = 1 }
  gsub(/"([^"\\]|\\.)*"/, "\"\"", text)
  for (name in call)
    if (under(FILENAME, call[name]) && (" " text) ~ ("[^A-Za-z0-9_>.]" name "[ ]*\\(")) complain(name "() is not called in " call[name])
}
END { exit bad }
