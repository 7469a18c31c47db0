# The front door: every target is one call of a preset.
.PHONY: dev release clang scalar asan ubsan tsan check format help
dev release clang scalar asan ubsan tsan: ; @cmake --preset $@ -Wno-dev >/dev/null && cmake --build --preset $@ && ctest --preset $@ $(if $(R),-R $(R))
check: ; @cmake --preset dev -Wno-dev >/dev/null && cmake --build --preset dev && ctest --preset dev
format: ; @git ls-files '*.c' '*.h' '*.inc' | xargs clang-format -i
help: ; @echo "make dev|release|clang|scalar|asan|ubsan|tsan: build and test that preset (R=name: only those tests); check, format"
