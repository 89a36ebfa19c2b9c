# The core kinds' definitions inside the binary.
file(GLOB kind_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/apiserver/kinds/*.yaml)
embed_texts(apiserver NAMESPACE apiserver FUNCTION kind_files HEADER apiserver/kind_files.hpp TYPE KindFile FILES ${kind_files})
