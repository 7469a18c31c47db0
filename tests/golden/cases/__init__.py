# SPDX-License-Identifier: Apache-2.0
"""The cases: each is a function that builds a small graph in the default graph, named as its golden file."""
CASES = {}


def case(build):
    """Decorator: adds `build` to the cases."""
    if build.__name__ in CASES:
        raise ValueError(f"two cases are called {build.__name__}")
    CASES[build.__name__] = build
    return build
