# SPDX-License-Identifier: Apache-2.0
# run.sh PROGRAM CORPUS WORK: fuzzes for EK_FUZZ_SECONDS (30), starting from the corpus; finds land in WORK.
mkdir -p "$3/found" && cd "$3" &&
  exec "$1" -max_total_time="${EK_FUZZ_SECONDS:-30}" -rss_limit_mb=1024 -timeout=10 -print_final_stats=1 found "$2"
