# src/kernels: pure loops, one source compiled once per instruction set (src/kernels/isa/<name>/all.c). The sets themselves
# are listed in src/kernels/isa/isa.def. Loops are optimised in every build type; no set ever contracts a * b + c, and none
# minds spurious floating-point exception flags, which keeps comparisons vectorisable.
file(GLOB EK_KERNEL_SOURCES CONFIGURE_DEPENDS src/kernels/*.c src/kernels/batch_norm/*.c src/kernels/axes/*.c
     src/kernels/group_norm/*.c src/kernels/weighted/*.c)
set(EK_ISA_FLAGS_scalar "")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  set(EK_ISA_FLAGS_sse2 "")
  set(EK_ISA_FLAGS_avx2 -mavx2 -mfma -mf16c)
  set(EK_ISA_FLAGS_avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx2 -mfma -mf16c -mprefer-vector-width=512)
  set(EK_ISA_FLAGS_avx512bf16 ${EK_ISA_FLAGS_avx512} -mavx512bf16)
  set(EK_ISAS scalar sse2 avx2 avx512 avx512bf16)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  set(EK_ISA_FLAGS_neon "")
  set(EK_ISAS scalar neon)
else()
  set(EK_ISAS scalar)
endif()
# A loop is written for each kind that is worth it, and unrolled where that is: copies that compilers make beyond those are
# only larger.
set(EK_SMALL "$<$<C_COMPILER_ID:GNU>:-fno-unswitch-loops;-fno-split-loops;-fno-ipa-cp-clone>"
    "$<$<C_COMPILER_ID:Clang>:-fno-unroll-loops;-mllvm;-unswitch-threshold=0>")
foreach(isa ${EK_ISAS})
  set(source src/kernels/isa/${isa}/all.c)
  set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "-O3;${EK_SMALL};-fno-trapping-math;${EK_ISA_FLAGS_${isa}}")
  list(APPEND EK_KERNEL_SOURCES ${source})
endforeach()
add_library(ek_kernels OBJECT ${EK_KERNEL_SOURCES})
target_include_directories(ek_kernels PRIVATE include src)
target_compile_definitions(ek_kernels PRIVATE EK_BUILDING)
set(EK_KERNEL_LIBRARIES m)
if(TARGET OpenMP::OpenMP_C)
  list(PREPEND EK_KERNEL_LIBRARIES OpenMP::OpenMP_C)
endif()
target_link_libraries(ek_kernels PRIVATE ${EK_KERNEL_LIBRARIES})
