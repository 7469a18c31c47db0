# SPDX-License-Identifier: Apache-2.0
# MNIST in under 150 MB: its images stay bytes until they are used. Skipped where there is no MNIST (EK_MNIST names its
# folder) or no /proc.
: "${EK_MNIST:=$source/data/mnist}"
[ -d "$EK_MNIST" ] && [ -r /proc/self/status ] || exit 77
"$evenkeel" train --data "$EK_MNIST" --steps 300 --out run >/dev/null &
pid=$!
peak=0
while [ -r /proc/$pid/status ]; do
  now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' /proc/$pid/status 2>/dev/null)
  [ "${now:-0}" -gt "$peak" ] && peak=$now
done
wait $pid || exit 1
[ "$peak" -lt 153600 ] && echo under 150 MB
