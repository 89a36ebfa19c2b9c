# Everything from Debian bookworm's packages; scripts/install-packages.sh installs them.
#
# Release programs are linked statically with all that a Debian or Ubuntu system does not have by itself, so that one program runs on all systems that
# docs/install.md lists. What they share are the C and C++ libraries, OpenSSL and zlib, which the system keeps up to date (tests/release checks it).
# The other builds link faster with shared libraries.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(CHANDLERY_STATIC ON)
else()
  set(CHANDLERY_STATIC OFF)
endif()

# link_static(TARGET LIBRARY): in Release, the imported TARGET stands for libLIBRARY.a instead.
function(link_static target library)
  if(CHANDLERY_STATIC)
    find_library(CHANDLERY_ARCHIVE_${library} lib${library}.a REQUIRED)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "INTERFACE_LIBRARY")
      set_target_properties(${target} PROPERTIES INTERFACE_LINK_LIBRARIES ${CHANDLERY_ARCHIVE_${library}})
    else()
      set_target_properties(${target} PROPERTIES IMPORTED_LOCATION ${CHANDLERY_ARCHIVE_${library}}
                            IMPORTED_LOCATION_NONE ${CHANDLERY_ARCHIVE_${library}})
    endif()
  endif()
endfunction()

find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
set(Boost_USE_STATIC_LIBS ${CHANDLERY_STATIC})
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(yaml-cpp REQUIRED)
link_static(yaml-cpp yaml-cpp)
find_package(SQLite3 3.40 REQUIRED)
link_static(SQLite::SQLite3 sqlite3)
find_package(CLI11 REQUIRED)
find_package(pugixml REQUIRED)
link_static(pugixml::pugixml pugixml)
find_package(PkgConfig REQUIRED)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
link_static(PkgConfig::re2 re2)

# Debian has no libspdlog.a and no libfmt.a. One file of ours uses them, so that headers alone do.
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
add_library(logging INTERFACE)
if(CHANDLERY_STATIC)
  target_link_libraries(logging INTERFACE Threads::Threads)
  target_compile_definitions(logging INTERFACE SPDLOG_FMT_EXTERNAL FMT_HEADER_ONLY)
else()
  target_link_libraries(logging INTERFACE spdlog::spdlog fmt::fmt)
endif()

# Only tests and measurements need these; where they are not installed there are no such targets.
find_package(GTest QUIET)
find_package(benchmark QUIET)
