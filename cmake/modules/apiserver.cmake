# src/apiserver/kinds/*.yaml become src/apiserver/kind_files.hpp's kind_files().
file(GLOB kind_paths CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/apiserver/kinds/*.yaml)
set(kind_entries "")
foreach(path ${kind_paths})
  get_filename_component(name ${path} NAME)
  file(READ ${path} yaml)
  string(APPEND kind_entries "      {\"${name}\", R\"yaml(${yaml})yaml\"},\n")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/apiserver_kind_files.cpp @ONLY CONTENT
"#include \"apiserver/kind_files.hpp\"

namespace apiserver {

std::span<const KindFile> kind_files() {
  static constexpr KindFile files[] = {
@kind_entries@  };
  return files;
}

}  // namespace apiserver
")
target_sources(apiserver PRIVATE ${CMAKE_BINARY_DIR}/generated/apiserver_kind_files.cpp)
