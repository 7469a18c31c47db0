# SPDX-License-Identifier: Apache-2.0
"""Real TensorFlow and evenkeel run the same graphs, both ways, and have to agree. README.md says what is compared.

    run.py EVENKEEL [EXPORTS] [--kernels LIBRARY] [--short] [--only REGEX] [--report FILE.md]
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings

from common import Failure, tf
from compare import Worst

import grid
import kernels
import nets
import ours
import report
import serving
import theirs

SHORT = {"sgd_plain_fed", "adam_plain_fed_resource", "momentum_fused_static", "rmsprop_fused_fed", "nesterov_plain_static",
         "rmsprop_centered_plain_fed", "adagrad_fused_fed_resource", "slim", "slim_in_place", "slim_branches", "dropout",
         "dynamic_gru_lengths", *grid.SHORT}


SERVED = {"sgd_plain_fed", "sgd_plain_fed_resource", "adam_fused_fed", "momentum_fused_static", "slim"}


def attempt(name, check, *arguments):
    """Runs a case and prints its line of the table: name, verdict, worst error, where."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            worst = check(*arguments, pathlib.Path(folder))
            row = name, "ok" if worst.error <= 1 else "FAILED", f"{worst.error:.3g}", worst.where
        except (Failure, OSError, ValueError, KeyError, subprocess.TimeoutExpired, tf.errors.OpError) as failure:
            row = name, "FAILED", "-", str(failure).splitlines()[0]
    print("{:44} {:7} {:>9}  {}".format(*row), flush=True)
    return row


def kernels_case(library, case, _):
    return Worst(*kernels.check(library, case))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("evenkeel", help="the binary")
    parser.add_argument("exports", nargs="?", type=pathlib.Path, help="folder of what our programs exported")
    parser.add_argument("--kernels", metavar="LIBRARY", help="libevenkeel.so: compare its kernels too")
    parser.add_argument("--short", action="store_true", help="some of the graphs instead of all")
    parser.add_argument("--only", default="", metavar="REGEX", help="cases whose name has a match")
    parser.add_argument("--report", metavar="FILE.md", help="put the table into this file")
    options = parser.parse_args()
    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    warnings.simplefilter("ignore")  # tf.layers are deprecated

    def wanted(name):
        return re.search(options.only, name) and (not options.short or name in SHORT)

    text = report.read(options.report) if options.report else None  # a wrong file is told before the work
    rows = []
    cases = nets.cases() | grid.cases()
    print("{:44} {:7} {:>9}  {}".format("case", "verdict", "worst", "where (1 = all that is allowed)"))
    for name, build in cases.items():
        if wanted(name):
            check = theirs.check_hundred if name.endswith("_hundred_steps") else theirs.check
            rows.append(attempt(f"theirs {name}", check, options.evenkeel, build))
    for name in sorted(SERVED):
        if wanted(name):
            rows.append(attempt(f"served {name}", serving.check, options.evenkeel, cases[name]))
    for meta in sorted(options.exports.glob("*.meta")) if options.exports else []:
        if wanted(meta.stem):
            prefix = meta.with_suffix("")
            rows.append(attempt(f"ours {meta.stem}", ours.check, options.evenkeel, prefix, cases.get(meta.stem)))
    for name, case in kernels.Tensorflow().cases().items() if options.kernels else []:
        if re.search(options.only, name):
            rows.append(attempt(name, kernels_case, options.kernels, case))
    if options.report:
        report.write(options.report, text, rows)
    failed = sum(row[1] != "ok" for row in rows)
    print(f"{len(rows) - failed} passed, {failed} failed")
    return 0 if rows and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
