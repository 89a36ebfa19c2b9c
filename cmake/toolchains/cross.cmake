# What the toolchains for another architecture have in common. They set TRIPLET and CMAKE_SYSTEM_PROCESSOR. CHANDLERY_SYSROOT, or the environment variable of
# that name, is the folder that scripts/sysroot.sh prints.
set(CMAKE_SYSTEM_NAME Linux)
if(NOT CHANDLERY_SYSROOT)
  set(CHANDLERY_SYSROOT $ENV{CHANDLERY_SYSROOT} CACHE PATH "Headers and libraries of the other architecture")
endif()
if(NOT IS_DIRECTORY "${CHANDLERY_SYSROOT}")
  message(FATAL_ERROR "Set CHANDLERY_SYSROOT to the folder that scripts/sysroot.sh prints (scripts/build.sh release-ARCHITECTURE does it)")
endif()
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES CHANDLERY_SYSROOT)
set(CMAKE_SYSROOT ${CHANDLERY_SYSROOT})

set(CMAKE_C_COMPILER clang-19)
set(CMAKE_CXX_COMPILER clang++-19)
set(CMAKE_C_COMPILER_TARGET ${TRIPLET})
set(CMAKE_CXX_COMPILER_TARGET ${TRIPLET})
set(CMAKE_EXE_LINKER_FLAGS_INIT -fuse-ld=lld)
set(CMAKE_LIBRARY_ARCHITECTURE ${TRIPLET})

# Programs come from this machine, everything else from the sysroot.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
foreach(kind LIBRARY INCLUDE PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CHANDLERY_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${CHANDLERY_SYSROOT}/usr/lib/${TRIPLET}/pkgconfig:${CHANDLERY_SYSROOT}/usr/share/pkgconfig)
