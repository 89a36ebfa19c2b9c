# The library `version` (src/cli/version.hpp): the only code that depends on the commit. It is asked for at each build, not when CMake configures.
set(version_source ${CMAKE_BINARY_DIR}/generated/version.cpp)
add_custom_target(write_version BYPRODUCTS ${version_source} VERBATIM
  COMMAND ${CMAKE_COMMAND} -D SCRIPT=${CMAKE_SOURCE_DIR}/scripts/version.sh -D TEMPLATE=${CMAKE_SOURCE_DIR}/cmake/version.cpp.in
          -D OUTPUT=${version_source} -P ${CMAKE_SOURCE_DIR}/cmake/WriteVersion.cmake)
add_library(version STATIC ${version_source})
add_dependencies(version write_version)
target_include_directories(version PUBLIC ${CMAKE_SOURCE_DIR}/src)
target_compile_options(version PRIVATE ${CHANDLERY_WARNINGS})
