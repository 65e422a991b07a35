# Language level, warnings, compiler cache, instrumentation, and where the Node-API headers are.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(SINTER_CCACHE ccache)
if(SINTER_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${SINTER_CCACHE}")
endif()

find_package(Threads REQUIRED)

# What every object file shares.
add_library(sinter_headers INTERFACE)
target_include_directories(sinter_headers INTERFACE "${CMAKE_CURRENT_SOURCE_DIR}/native" "${CMAKE_CURRENT_SOURCE_DIR}")
target_compile_options(sinter_headers INTERFACE
  -Wall -Wextra -ffunction-sections -fdata-sections -fno-semantic-interposition
  $<$<CONFIG:Release>:-O3>)
target_link_libraries(sinter_headers INTERFACE Threads::Threads)

# cmake-js sets CMAKE_CXX_FLAGS itself, which would silently drop the user's.
if(CMAKE_JS_VERSION AND DEFINED ENV{CXXFLAGS})
  separate_arguments(user_flags UNIX_COMMAND "$ENV{CXXFLAGS}")
  target_compile_options(sinter_headers INTERFACE ${user_flags})
endif()

if(SINTER_SANITIZE)
  target_compile_options(sinter_headers INTERFACE -fsanitize=${SINTER_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(sinter_headers INTERFACE -fsanitize=${SINTER_SANITIZE})
endif()
if(SINTER_COVERAGE)
  target_compile_options(sinter_headers INTERFACE --coverage)
  target_compile_definitions(sinter_headers INTERFACE SINTER_COVERAGE)
  target_link_options(sinter_headers INTERFACE --coverage)
endif()

# cmake-js hands over the include folders of node-api-headers and node-addon-api; plain CMake asks Node for them.
if(NOT CMAKE_JS_INC)
  execute_process(
    COMMAND node -p [[
      const { createRequire } = require('module')
      const cmakeJs = createRequire(require.resolve('cmake-js/package.json'))
      cmakeJs('node-api-headers').include_dir + ';' + require('node-addon-api').include_dir]]
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    OUTPUT_VARIABLE CMAKE_JS_INC
    OUTPUT_STRIP_TRAILING_WHITESPACE
    COMMAND_ERROR_IS_FATAL ANY)
endif()
