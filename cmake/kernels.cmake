# src/kernels: pure loops, one source compiled once per instruction set (src/kernels/isa/<name>/).
file(GLOB EK_KERNEL_SOURCES CONFIGURE_DEPENDS src/kernels/*.c src/kernels/*/*.c)
add_library(ek_kernels OBJECT ${EK_KERNEL_SOURCES})
target_include_directories(ek_kernels PRIVATE include src)
target_compile_definitions(ek_kernels PRIVATE EK_BUILDING)
target_link_libraries(ek_kernels PRIVATE OpenMP::OpenMP_C)
