# Compiler settings of our own code. clang-19 because g++ 12 miscompiles temporaries inside co_await expressions.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "This project is built with clang 19 (found ${CMAKE_CXX_COMPILER_ID}); use a preset: cmake --preset release")
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # The sloppiness is what ccache asks for before it deals with precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()
# Compiled headers are taken only by code with the same options; and the same headers, compiled again, are the same bytes.
add_compile_options(-pthread "SHELL:-Xclang -fno-pch-timestamp")

option(CHANDLERY_SANITIZE "Address and undefined behaviour sanitizers" OFF)
if(CHANDLERY_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

option(CHANDLERY_FUZZ "Coverage for libFuzzer, and the programs of tests/fuzz" OFF)
if(CHANDLERY_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

option(CHANDLERY_STRIP "Programs of a Release build without their symbols, as they are shipped; OFF to profile them" ON)

add_link_options(-fuse-ld=lld)
add_compile_definitions(
  BOOST_ASIO_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_BOOST_DATE_TIME
  BOOST_BEAST_SEPARATE_COMPILATION)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-ffunction-sections -fdata-sections)
  add_link_options(-Wl,--gc-sections -Wl,--as-needed)
endif()

# Fields that a designated initializer leaves out have the default that their type gives them.
set(CHANDLERY_WARNINGS -Wall -Wextra -Wconversion -Werror -Wno-missing-designated-field-initializers)
