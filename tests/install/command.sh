#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# command.sh PREFIX MANDIR: the installed command finds its library and its digits wherever the tree is moved to, and
# brings its pages and completion along.
prefix=$1 mandir=$2
moved=$prefix.moved
rm -rf "$moved" && cp -R "$prefix" "$moved" || exit 1
cd / || exit 1
"$moved/bin/evenkeel" --version || exit 1
OMP_NUM_THREADS=1 "$moved/bin/evenkeel" train --steps 5 || exit 1
for page in evenkeel evenkeel-train evenkeel-run; do
  [ -e "$moved/$mandir/man1/$page.1" ] || { echo "no page $page.1"; exit 1; }
done
for file in bash-completion/completions/evenkeel zsh/site-functions/_evenkeel fish/vendor_completions.d/evenkeel.fish; do
  [ -e "$moved/share/$file" ] || { echo "no completion $file"; exit 1; }
done
rm -rf "$moved"
