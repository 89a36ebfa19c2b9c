# Only here, so that the other sources' compilation does not depend on where the repository lies.
set_source_files_properties(${CMAKE_SOURCE_DIR}/testing/source_dir.cpp PROPERTIES COMPILE_DEFINITIONS
                            CHANDLERY_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
