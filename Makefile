# The front door: every target is one call of a preset or a script. R=name narrows the tests, T=seconds bounds fuzzing.
.PHONY: dev release clang asan ubsan tsan scalar generate check fuzz golden parity format format-check new-op install bench bench-docs picture help
PRESETS = dev release clang asan ubsan tsan scalar
SOURCES = git ls-files '*.c' '*.h' '*.inc'

$(PRESETS): ; @cmake --preset $@ -Wno-dev >/dev/null && cmake --build --preset $@ && ctest --preset $@ $(if $(R),-R '$(R)')
check: ; @cmake --preset dev -Wno-dev >/dev/null && cmake --build --preset dev && ctest --preset check
fuzz: ; @cmake --preset $@ -Wno-dev >/dev/null && cmake --build --preset $@ && EK_FUZZ_SECONDS=$(or $(T),30) ctest --preset $@ $(if $(R),-R '$(R)')
format: ; @$(SOURCES) | xargs clang-format -i
format-check: ; @$(SOURCES) | xargs clang-format --dry-run -Werror
parity: ; @cmake --preset release -Wno-dev >/dev/null && cmake --build --preset release && ctest --preset release -L parity && (cd build/release/tmp && ../tests/export_grid grid_) && build/venv/bin/python tests/parity/run.py build/release/evenkeel build/release/tmp/exports --kernels build/release/libevenkeel.so --report docs/tensorflow.md
golden: ; @for script in tests/golden/make_*.py; do echo $$script; build/venv/bin/python $$script || exit 1; done
new-op: ; @scripts/new-op $(NAME)
install: ; @cmake --preset release -Wno-dev >/dev/null && cmake --build --preset release && cmake --install build/release $(if $(PREFIX),--prefix $(PREFIX))
generate: ; @cmake --preset dev -Wno-dev >/dev/null && cmake --build --preset dev --target generate
bench: ; @scripts/bench $(PARTS)
bench-docs: ; @python3 bench/report.py build/bench --into docs/benchmarks.md
picture: ; @scripts/picture docs/demo.svg ./scripts/demo
help:
	@echo "make              build and test the daily preset (dev); R=regex runs only the tests that match"
	@echo "make release | clang | asan | ubsan | tsan | scalar   the same for that preset"
	@echo "make check        what to run before a commit: format, include rules and the quick tests"
	@echo "make fuzz T=30    every parser, so many seconds each (R=name: only that one); finds are kept in build/fuzz/tmp"
	@echo "make generate     write the typed builders (ops.h) and the tables of ops again, after an op has come or changed"
	@echo "make format       rewrite the sources with clang-format; format-check only looks"
	@echo "make parity       compare whole graphs with real TensorFlow (scripts/check makes build/venv)"
	@echo "make golden       make the goldens again with real TensorFlow; review the difference"
	@echo "make new-op NAME=BiasAddGrad   begin an op: its file in src/ops and its line in ops.def"
	@echo "make install      PREFIX=/usr/local by default"
	@echo "make bench        measure everything (PARTS=model for a part, PARTS=--quick for a look); bench-docs: its tables into docs"
	@echo "make picture      run the demo and draw it again for the README"
