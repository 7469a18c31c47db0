# SPDX-License-Identifier: Apache-2.0
"""When two sets of numbers of one training run agree."""
import dataclasses

import numpy as np
import tensorflow.compat.v1 as tf

LOSS_RELATIVE = 1e-4
VARIABLE_ABSOLUTE = 1e-5
VARIABLE_RELATIVE = 1e-4
HALF_DIGITS = {"float16": 2 * 2.0**-10, "bfloat16": 2 * 2.0**-7}  # two units in the last place of such a variable
# A statistic that is rounded to bfloat16 may lie so near the middle that float32's last bit decides: it, and with it what
# is normalized by it, is then another by half a unit in the last place either way.
BFLOAT16_LOSS = 2.0**-8
ADAM_STEPS = 0.1  # times the learning rate: Adam turns the sign of a tiny gradient into a whole step


@dataclasses.dataclass
class Worst:
    """The largest error so far, in units of what is allowed there."""

    error: float = 0.0
    where: str = "-"

    def see(self, where, got, want, allowed):
        got, want = np.asarray(got), np.asarray(want)
        if got.shape != want.shape or got.dtype != want.dtype:
            self.error, self.where = np.inf, f"{where}: {got.dtype}{got.shape}, not {want.dtype}{want.shape}"
            return
        got, want = got.astype(np.float64), want.astype(np.float64)
        with np.errstate(invalid="ignore"):
            ratio = np.where(got == want, 0.0, np.abs(got - want) / np.maximum(allowed, 1e-300))
        ratio = np.where(np.isnan(got) & np.isnan(want), 0.0, np.where(np.isnan(ratio), np.inf, ratio))
        error = float(ratio.max(initial=0.0))
        if error > self.error:
            self.error, self.where = error, f"{where}{list(np.unravel_index(ratio.argmax(), ratio.shape))}"

    def see_same(self, where, got, want):
        """Two sets of values, by name, that have to be the same bits."""
        self.missing(want.keys() - got.keys(), where)
        for name in want.keys() & got.keys():
            self.see(f"{where} {name}", got[name], want[name], 0.0)

    def missing(self, names, of):
        if names:
            self.fail(f"{of}: there is no {' '.join(sorted(names))}")

    def fail(self, what):
        self.error, self.where = np.inf, what


class Rules:
    """What a graph's variables may differ by. A bias in front of a batch norm has the true gradient 0, so that
    rounding decides it, and with it its slots and, with Adam, the moving mean behind it: TensorFlow differs from
    itself there, and these are compared through the loss only."""

    def __init__(self, graph_def):
        self.nodes = {n.name: n for n in graph_def.node}
        self.readers = {}
        for node in graph_def.node:
            for name in node.input:
                self.readers.setdefault(name.split(":")[0], []).append(node)
        adam = [n for n in graph_def.node if n.op in ("ApplyAdam", "ResourceApplyAdam")]
        self.adam_rate = max((self._value(n.input[5]) for n in adam), default=0.0)
        rounds = any(n.op == "Cast" and n.attr["DstT"].type == tf.bfloat16.as_datatype_enum for n in graph_def.node)
        self.loss_relative = LOSS_RELATIVE + (BFLOAT16_LOSS if rounds else 0.0)
        self.free = {self._variable(n.input[1]) for n in graph_def.node if n.op == "BiasAdd" and self._is_normed(n)}

    def _value(self, name):
        node = self.nodes[name]
        return self._value(node.input[0]) if node.op == "Cast" else float(tf.make_ndarray(node.attr["value"].tensor))

    def _variable(self, name):
        node = self.nodes[name.split(":")[0]]
        return node.name if node.op in ("VariableV2", "VarHandleOp") else self._variable(node.input[0])

    def _is_normed(self, node):
        for reader in self.readers.get(node.name, []):
            if reader.op in ("SquaredDifference", "FusedBatchNormV3"):
                return True
            if reader.op in ("Reshape", "Identity", "Switch") and self._is_normed(reader):
                return True
        return False

    def _is_free(self, name):
        if any(name == bias or name.startswith(bias + "/") for bias in self.free):
            return True
        return bool(self.free and self.adam_rate and name.endswith("/moving_mean"))

    def see_loss(self, worst, where, got, want):
        worst.see(where, got, want, self.loss_relative * np.abs(want))

    def see_variables(self, worst, got, want):
        worst.missing(want.keys() - got.keys(), "what we compare")
        for name in want.keys() & got.keys():
            if not self._is_free(name):
                value, wanted = got[name], want[name]
                relative = VARIABLE_RELATIVE + HALF_DIGITS.get(wanted.dtype.name, 0.0)
                if wanted.dtype.name in HALF_DIGITS:  # .npz has no bfloat16
                    value, wanted = value.astype(np.float32), wanted.astype(np.float32)
                base = VARIABLE_ABSOLUTE + ADAM_STEPS * self.adam_rate
                worst.see(name, value, wanted, base + relative * np.abs(wanted))
