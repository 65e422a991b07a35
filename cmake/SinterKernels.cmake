# The kernel families, native/cpu/<family>/*.cpp, compiled once for each instruction set: -DSINTER_ISA=<isa> puts them in
# a namespace of its own, native/cpu/kernel_table.cpp collects its entry points, native/cpu/dispatch.cpp chooses at run time.
# Files named *_vnni.cpp and *_bf16.cpp override single operators of avx512 where the machine has the instructions, or a matrix unit.
# Test modules have them over avx2's too (avx2pairs, avx2amx...), in portable form, as few machines run the instructions.
# native/cpu/threads and native/cpu/peak are no families: compiled once.
#
# Sets sinter_kernels (the object libraries) and sinter_isa_definitions (SINTER_HAS_<ISA> for each instruction set built), and
# sinter_test_kernels and sinter_test_definitions for what test modules have beside them.

# The variable of the environment is for builds that npm starts.
set(SINTER_INSTRUCTION_SETS "$ENV{SINTER_INSTRUCTION_SETS}" CACHE STRING
    "Those to compile kernels for, if not all: instrumented builds take one")

set(kernel_flags -ffp-contract=fast -fno-math-errno -fno-trapping-math)

file(GLOB kernel_sources CONFIGURE_DEPENDS native/cpu/*/*.cpp)
list(FILTER kernel_sources EXCLUDE REGEX "/native/cpu/(threads|peak)/")
set(vnni_sources ${kernel_sources})
set(bf16_sources ${kernel_sources})
list(FILTER vnni_sources INCLUDE REGEX "_vnni\\.cpp$")
list(FILTER bf16_sources INCLUDE REGEX "_bf16\\.cpp$")
list(APPEND bf16_sources "${CMAKE_CURRENT_SOURCE_DIR}/native/cpu/gemm/epilogue.cpp")
list(FILTER kernel_sources EXCLUDE REGEX "_(vnni|bf16)\\.cpp$")
file(GLOB kernel_table CONFIGURE_DEPENDS native/cpu/kernel_table.cpp)

file(GLOB peak_sources CONFIGURE_DEPENDS native/cpu/peak/*.cpp)
add_library(peak OBJECT ${peak_sources})
target_link_libraries(peak PRIVATE sinter_headers)
target_compile_options(peak PRIVATE ${kernel_flags})

set(sinter_kernels peak)
set(sinter_isa_definitions "")
set(sinter_test_kernels "")
set(sinter_test_definitions "")

function(sinter_kernel_library isa sources)
  add_library(kernels_${isa} OBJECT ${sources})
  target_link_libraries(kernels_${isa} PRIVATE sinter_headers)
  target_compile_definitions(kernels_${isa} PRIVATE SINTER_ISA=${isa})
  target_compile_options(kernels_${isa} PRIVATE ${kernel_flags} ${ARGN})
endfunction()

function(sinter_isa isa sources)
  if(NOT sources OR (SINTER_INSTRUCTION_SETS AND NOT isa IN_LIST SINTER_INSTRUCTION_SETS))
    return()
  endif()
  sinter_kernel_library(${isa} "${sources}" ${ARGN})
  string(TOUPPER "SINTER_HAS_${isa}" definition)
  set(sinter_kernels ${sinter_kernels} kernels_${isa} PARENT_SCOPE)
  set(sinter_isa_definitions ${sinter_isa_definitions} ${definition}=1 PARENT_SCOPE)
endfunction()

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set(avx512_flags -march=x86-64-v4 -mprefer-vector-width=512)
  sinter_isa(baseline "${kernel_sources};${kernel_table}" -march=x86-64-v2)
  sinter_isa(avx2 "${kernel_sources};${kernel_table}" -march=x86-64-v3)
  sinter_isa(avx512 "${kernel_sources};${kernel_table}" ${avx512_flags})
  sinter_isa(avx512vnni "${vnni_sources}" ${avx512_flags} -mavx512vnni)
  sinter_isa(avx512bf16 "${bf16_sources}" ${avx512_flags} -mavx512vnni -mavx512bf16)
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")  # which gives the unit to processes that ask
    sinter_isa(amxint8 "${vnni_sources}" ${avx512_flags} -mavx512vnni -mamx-tile -mamx-int8)
    sinter_isa(amxbf16 "${bf16_sources}" ${avx512_flags} -mavx512vnni -mavx512bf16 -mamx-tile -mamx-bf16)
  endif()
  if(TARGET kernels_avx2)
    sinter_kernel_library(avx2pairs "${bf16_sources}" -march=x86-64-v3)
    sinter_kernel_library(avx2amxint8 "${vnni_sources}" -march=x86-64-v3 -DSINTER_PORTABLE_AMX)
    sinter_kernel_library(avx2amxbf16 "${bf16_sources}" -march=x86-64-v3 -DSINTER_PORTABLE_AMX)
    set(sinter_test_kernels kernels_avx2pairs kernels_avx2amxint8 kernels_avx2amxbf16)
    set_target_properties(${sinter_test_kernels} PROPERTIES EXCLUDE_FROM_ALL ON)
    set(sinter_test_definitions SINTER_HAS_AVX2PAIRS=1)
  endif()
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  sinter_isa(neon "${kernel_sources};${kernel_table}" -march=armv8-a)
else()
  message(FATAL_ERROR "sinter: no kernels for the processor ${CMAKE_SYSTEM_PROCESSOR}; x86-64 and arm64 are supported")
endif()
