# Device code: every cuda/kernels/<family>/X.cu once to PTX, from there to a cubin for each architecture, and into the addon as
# image_X (cuda/runtime/image.h). The host side of the same operators, cuda/kernels/*.cpp and <family>/*.cpp, is compiled only with it.
#
#   SINTER_CUDA=AUTO   with kernels where nvcc is found (PATH, CUDA_HOME, CUDA_PATH, /usr/local/cuda), else without, and says so
#   SINTER_CUDA=ON     nvcc must be there
#   SINTER_CUDA=OFF    without
#
# The module that users get embeds archives of cubins, one a generation of cards, and one of the PTX for whatever comes later
# (cuda/runtime/archive.h). The test module embeds the PTX as text: it is what the stand-in driver reads, and needs no assembler.
#
# X.sm90a.cu is compiled for compute_90a alone, and becomes image_X_sm90a.
# A line `// sinter: ptx 8.5` in a .cu raises the PTX version that its text claims; `// sinter: cubins 80 90` names the
# architectures that it gets cubins for, where that is not all of them (others compile the PTX when they load it).
#
# Sets sinter_cuda_definitions (for all objects), and has sinter_cuda_images(<module> ptx|fatbin) for sinter_module.

set(SINTER_CUDA AUTO CACHE STRING "Device code: ON, OFF, or AUTO for where nvcc is found")
if(DEFINED ENV{SINTER_CUDA}) # builds that npm starts
  set_property(CACHE SINTER_CUDA PROPERTY VALUE "$ENV{SINTER_CUDA}")
endif()
set_property(CACHE SINTER_CUDA PROPERTY STRINGS AUTO ON OFF)

# What nvcc 13 writes claims to be of a version that drivers before 580 refuse. The instructions are older: ptxas checks the text
# against the version that it is given here. 8.4 is CUDA 12.4's (driver 550).
set(cuda_ptx_version 8.4)
# The variable of the environment is for builds that npm starts: cubins are most of the time that kernels take to build.
set(SINTER_CUDA_ARCHITECTURES "80;86;89;90;100;120" CACHE STRING "Those to make cubins for; others compile the PTX when they load it")
set(cuda_architectures ${SINTER_CUDA_ARCHITECTURES})
if(DEFINED ENV{SINTER_CUDA_ARCHITECTURES})
  set(cuda_architectures $ENV{SINTER_CUDA_ARCHITECTURES})
endif()
set(cuda_flags -std=c++17 -O3 -lineinfo "-I${CMAKE_CURRENT_SOURCE_DIR}" "-I${CMAKE_CURRENT_SOURCE_DIR}/native" -Werror all-warnings)
# No lines in cubins: they would double the addon.
set(ptxas_flags -O3 -v --suppress-debug-info --warn-on-spills --warn-on-local-memory-usage -Werror)

set(sinter_cuda_definitions "")
set(cuda_found FALSE)
if(NOT SINTER_CUDA STREQUAL "OFF")
  find_program(SINTER_NVCC nvcc
    PATHS "$ENV{CUDA_HOME}/bin" "$ENV{CUDA_PATH}/bin" /usr/local/cuda/bin NO_CMAKE_FIND_ROOT_PATH)
  if(SINTER_NVCC)
    # nvcc may be a script that calls another one: its own word says where ptxas is.
    execute_process(COMMAND "${SINTER_NVCC}" --dryrun -x cu -c /dev/null -o /dev/null
      ERROR_VARIABLE dry_run OUTPUT_QUIET RESULT_VARIABLE status)
    if(status EQUAL 0 AND dry_run MATCHES "#\\$ _HERE_=([^\n]+)")
      string(STRIP "${CMAKE_MATCH_1}" cuda_bin)
      set(cuda_ptxas "${cuda_bin}/ptxas")
    endif()
    if(EXISTS "${cuda_ptxas}")
      set(cuda_found TRUE)
    endif()
  endif()
endif()

file(GLOB cuda_kernel_sources CONFIGURE_DEPENDS cuda/kernels/*/*.cu)
file(GLOB cuda_host_sources CONFIGURE_DEPENDS cuda/kernels/*.cpp cuda/kernels/*/*.cpp)

if(NOT cuda_found)
  if(SINTER_CUDA STREQUAL "ON")
    message(FATAL_ERROR "sinter: SINTER_CUDA is ON and no CUDA compiler works here; looked for nvcc in PATH, CUDA_HOME, "
                        "CUDA_PATH and /usr/local/cuda, and for ptxas and fatbinary beside it")
  endif()
  message(STATUS "sinter: built without CUDA kernels (SINTER_CUDA=${SINTER_CUDA}, nvcc ${SINTER_NVCC})")
  function(sinter_cuda_images module kind)
  endfunction()
  return()
endif()

execute_process(COMMAND "${SINTER_NVCC}" --version OUTPUT_VARIABLE cuda_version)
string(REGEX MATCH "V[0-9.]+" cuda_version "${cuda_version}")
message(STATUS "sinter: CUDA kernels by nvcc ${cuda_version}")

# An older compiler knows fewer architectures; what it leaves out is compiled from the PTX when it is loaded.
execute_process(COMMAND "${SINTER_NVCC}" --list-gpu-code OUTPUT_VARIABLE cuda_known)
set(known_architectures "")
foreach(architecture IN LISTS cuda_architectures)
  if("${cuda_known}" MATCHES "sm_${architecture}[ \n]")
    list(APPEND known_architectures ${architecture})
  endif()
endforeach()
set(cuda_architectures ${known_architectures})

# Packing as small as can be takes two minutes. Whoever names architectures is developing, and gets it in seconds.
set(cuda_packing 11)
if(DEFINED ENV{SINTER_CUDA_ARCHITECTURES})
  set(cuda_packing 5)
endif()
find_program(SINTER_NODE node REQUIRED)

set(sinter_cuda_definitions SINTER_HAS_CUDA=1)
set(cuda_folder "${CMAKE_BINARY_DIR}/cuda")
file(MAKE_DIRECTORY "${cuda_folder}")

# image_<stem> of what is made of a source, as the test module embeds it.
function(sinter_cuda_text stem source text)
  set(holder "${text}.cpp")
  configure_file("${CMAKE_CURRENT_SOURCE_DIR}/cmake/CudaImage.cpp.in" "${holder}" @ONLY)
  set_source_files_properties("${holder}" PROPERTIES OBJECT_DEPENDS "${text}")
  set(cuda_ptx_sources ${cuda_ptx_sources} "${holder}" PARENT_SCOPE)
  set(cuda_ptx_files ${cuda_ptx_files} "${text}" PARENT_SCOPE)
  set(cuda_stems ${cuda_stems} ${stem} PARENT_SCOPE)
endfunction()

# The rules for one .cu. Appends its stem to cuda_stems.
function(sinter_cuda_kernel source)
  get_filename_component(stem "${source}" NAME)
  string(REGEX REPLACE "\\.cu$" "" stem "${stem}")
  set(virtual 80)
  set(real ${cuda_architectures})
  if(stem MATCHES "\\.sm([0-9]+)a$")
    set(virtual ${CMAKE_MATCH_1}a)
    list(FILTER real INCLUDE REGEX "^${CMAKE_MATCH_1}$")
    list(TRANSFORM real APPEND a)
  endif()
  string(REPLACE "." "_" stem "${stem}")
  if(stem IN_LIST cuda_stems)
    message(FATAL_ERROR "sinter: two files of cuda/kernels are named ${stem}.cu")
  endif()

  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}") # for its `sinter:` lines
  file(STRINGS "${source}" marks REGEX "^// sinter: ")
  set(version ${cuda_ptx_version})
  foreach(mark IN LISTS marks)
    if(mark MATCHES "^// sinter: ptx ([0-9]+\\.[0-9]+)$")
      set(version ${CMAKE_MATCH_1})
    elseif(mark MATCHES "^// sinter: cubins ([0-9 ]+)$")
      string(REPLACE " " ";" wanted "${CMAKE_MATCH_1}")
      set(chosen "")
      foreach(architecture IN LISTS real)
        if(architecture IN_LIST wanted)
          list(APPEND chosen ${architecture})
        endif()
      endforeach()
      set(real ${chosen})
    else()
      message(FATAL_ERROR "sinter: ${source}: not understood: ${mark}")
    endif()
  endforeach()

  file(RELATIVE_PATH shown "${CMAKE_CURRENT_SOURCE_DIR}" "${source}")
  set(ptx "${cuda_folder}/${stem}.ptx")
  # -c says to ccache that this is no link; nvcc goes by -ptx.
  add_custom_command(OUTPUT "${ptx}"
    COMMAND ${CMAKE_CXX_COMPILER_LAUNCHER} "${SINTER_NVCC}" ${cuda_flags} -arch=compute_${virtual} -ptx -c
            -MD -MF "${ptx}.d" -MT "${ptx}" "${source}" -o "${ptx}.new"
    COMMAND sed "s/^\\.version .*/.version ${version}/" "${ptx}.new" > "${ptx}"
    DEPENDS "${source}" DEPFILE "${ptx}.d" COMMENT "nvcc ${shown}" VERBATIM)

  set(cubins "")
  foreach(architecture IN LISTS real)
    set(cubin "${cuda_folder}/${stem}.sm_${architecture}.cubin")
    # What ptxas says of registers and memory is kept for scripts/cuda-bars.mjs, and shown where it fails.
    add_custom_command(OUTPUT "${cubin}" BYPRODUCTS "${cubin}.log"
      COMMAND sh -c "\"$@\" > '${cubin}.log' 2>&1 || { cat '${cubin}.log'; exit 1; }" sh
              "${cuda_ptxas}" ${ptxas_flags} -arch=sm_${architecture} "${ptx}" -o "${cubin}"
      DEPENDS "${ptx}" COMMENT "ptxas ${shown} for sm_${architecture}" VERBATIM)
    list(APPEND cubins "${cubin}")
  endforeach()
  # Lines of source are for the stand-in driver's reports, not for a driver's compiler.
  add_custom_command(OUTPUT "${ptx}.short"
    COMMAND sed -e "/^[ \t]*\\.loc[ \t]/d" "${ptx}" > "${ptx}.short"
    DEPENDS "${ptx}" VERBATIM)
  string(REPLACE ";" "," real "${real}")
  set(cuda_packed ${cuda_packed} "${stem} ${real}" PARENT_SCOPE)
  set(cuda_packed_files ${cuda_packed_files} "${ptx}.short" ${cubins} PARENT_SCOPE)

  sinter_cuda_text(${stem} "${shown}" "${ptx}")
  set(cuda_ptx_sources ${cuda_ptx_sources} PARENT_SCOPE)
  set(cuda_ptx_files ${cuda_ptx_files} PARENT_SCOPE)
  set(cuda_stems ${cuda_stems} PARENT_SCOPE)
endfunction()

set(cuda_stems "")
set(cuda_ptx_sources "")
set(cuda_ptx_files "")
set(cuda_packed "")
set(cuda_packed_files "")
foreach(source IN LISTS cuda_kernel_sources)
  sinter_cuda_kernel("${source}")
endforeach()

# What steps of fused functions compute: text that cuda/kernels/chain pastes into kernels, an image of its own.
set(steps_source cuda/kernels/chain/steps/steps.cu)
set(chain_steps "${cuda_folder}/chain_steps.txt")
set(steps_flags ${cuda_flags})
list(REMOVE_ITEM steps_flags -lineinfo)
add_custom_command(OUTPUT "${chain_steps}"
  COMMAND ${CMAKE_CXX_COMPILER_LAUNCHER} "${SINTER_NVCC}" ${steps_flags} -rdc=true -arch=compute_80 -ptx -c
          -MD -MF "${chain_steps}.d" -MT "${chain_steps}" "${CMAKE_CURRENT_SOURCE_DIR}/${steps_source}" -o "${cuda_folder}/chain_steps.ptx"
  COMMAND "${SINTER_NODE}" "${CMAKE_CURRENT_SOURCE_DIR}/scripts/chain-steps.mjs" "${cuda_folder}/chain_steps.ptx" "${chain_steps}"
  DEPENDS ${steps_source} scripts/chain-steps.mjs
  DEPFILE "${chain_steps}.d" COMMENT "nvcc ${steps_source}" VERBATIM)
sinter_cuda_text(chain_steps ${steps_source} "${chain_steps}")

# The archives: cubins of one generation (8.0, 8.6, 8.9) differ little, and lie side by side in one of them; 0 is PTX, 1 the texts.
set(cuda_generations 0 1)
foreach(architecture IN LISTS cuda_architectures)
  math(EXPR generation "${architecture} / 10")
  list(APPEND cuda_generations ${generation})
endforeach()
list(REMOVE_DUPLICATES cuda_generations)
list(JOIN cuda_packed "\n" packed)
file(CONFIGURE OUTPUT "${cuda_folder}/images.txt" CONTENT "${packed}\n" @ONLY)
set(cuda_archives "")
set(archive_bytes "")
set(archive_list "")
foreach(generation IN LISTS cuda_generations)
  set(archive "${cuda_folder}/kernels_${generation}.br")
  set(files "${cuda_folder}/images.txt" ${cuda_packed_files})
  if(generation EQUAL 1)
    set(files "${chain_steps}")
  endif()
  add_custom_command(OUTPUT "${archive}"
    COMMAND "${SINTER_NODE}" "${CMAKE_CURRENT_SOURCE_DIR}/scripts/pack-kernels.mjs"
            "${cuda_folder}" ${generation} ${cuda_packing} "${archive}"
    DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/scripts/pack-kernels.mjs" ${files}
    COMMENT "packing kernels of generation ${generation}" VERBATIM)
  list(APPEND cuda_archives "${archive}")
  string(APPEND archive_bytes "BYTES(${generation}, \"${archive}\")\n")
  string(APPEND archive_list "  ARCHIVE(${generation}),\n")
endforeach()
set(image_list "")
foreach(stem IN LISTS cuda_stems)
  string(APPEND image_list "IMAGE(${stem})\n")
endforeach()
configure_file("${CMAKE_CURRENT_SOURCE_DIR}/cmake/CudaArchives.cpp.in" "${cuda_folder}/archives.cpp" @ONLY)
set_source_files_properties("${cuda_folder}/archives.cpp" PROPERTIES OBJECT_DEPENDS "${cuda_archives}")

# Objects of their own, so that nothing else waits for nvcc. PTX is a target too: both need it, and make builds targets apart.
add_custom_target(sinter_cuda_code DEPENDS ${cuda_ptx_files})
add_library(sinter_cuda_ptx OBJECT EXCLUDE_FROM_ALL ${cuda_ptx_sources} ${cuda_ptx_files})
add_library(sinter_cuda_archives OBJECT EXCLUDE_FROM_ALL "${cuda_folder}/archives.cpp" ${cuda_archives})
foreach(kind IN ITEMS ptx archives)
  target_link_libraries(sinter_cuda_${kind} PRIVATE sinter_headers)
  add_dependencies(sinter_cuda_${kind} sinter_cuda_code)
endforeach()
if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/test/cuda/runtime/replaced_image.cpp") # not in the package
  target_sources(sinter_cuda_ptx PRIVATE test/cuda/runtime/replaced_image.cpp)
endif()

# Run once a program, or once a call: better small than fast.
set_source_files_properties(cuda/kernels/chain/cache.cpp cuda/kernels/chain/generator.cpp cuda/kernels/chain/layout.cpp
  PROPERTIES COMPILE_OPTIONS -Os)

if(cuda_host_sources)
  add_library(sinter_cuda_operators OBJECT ${cuda_host_sources})
  target_link_libraries(sinter_cuda_operators PRIVATE sinter_headers)
  target_compile_definitions(sinter_cuda_operators PRIVATE ${sinter_cuda_definitions})
endif()

function(sinter_cuda_images module kind)
  target_sources(${module} PRIVATE $<TARGET_OBJECTS:sinter_cuda_${kind}>)
  if(TARGET sinter_cuda_operators)
    target_sources(${module} PRIVATE $<TARGET_OBJECTS:sinter_cuda_operators>)
  endif()
endfunction()
