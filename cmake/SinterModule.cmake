# sinter_module(<target> <folder> <sources> <definitions>): a Node-API module build/<folder>/sinter.node of the shared
# objects and the given sources.

function(sinter_module target folder sources definitions)
  add_library(${target} MODULE ${sources} $<TARGET_OBJECTS:sinter_engine>)
  foreach(kernels IN LISTS sinter_kernels)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${kernels}>)
  endforeach()
  target_include_directories(${target} SYSTEM PRIVATE ${CMAKE_JS_INC})
  target_compile_definitions(${target} PRIVATE
    NAPI_VERSION=8 NAPI_DISABLE_CPP_EXCEPTIONS SINTER_OPS_HASH="${ops_hash}" ${sinter_isa_definitions} ${sinter_cuda_definitions}
    ${definitions})
  target_link_libraries(${target} PRIVATE sinter_headers ${CMAKE_DL_LIBS})
  set_target_properties(${target} PROPERTIES
    PREFIX "" OUTPUT_NAME sinter SUFFIX ".node"
    LIBRARY_OUTPUT_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}/build/${folder}")
  if(APPLE)
    target_link_options(${target} PRIVATE -undefined dynamic_lookup -Wl,-dead_strip)
  else()
    # nodelete: pool threads outlive the Node environment that loaded the module, so it must stay mapped.
    # exclude-libs, exports.map: libstdc++'s symbols must not meet those of another addon.
    set(exports "${CMAKE_CURRENT_SOURCE_DIR}/cmake/exports.map")
    target_link_options(${target} PRIVATE
      -Wl,--gc-sections,-z,now,-z,nodelete,--exclude-libs,ALL "-Wl,--version-script=${exports}")
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${exports}")
    if(NOT SINTER_SANITIZE)
      target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc)
    endif()
  endif()
endfunction()
