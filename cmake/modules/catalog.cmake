# deploy/crds/*.yaml become src/catalog/api/crds.hpp's crd_files().
file(GLOB crd_paths CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/deploy/crds/*.yaml)
set(crd_entries "")
foreach(path ${crd_paths})
  get_filename_component(name ${path} NAME)
  file(READ ${path} yaml)
  string(APPEND crd_entries "      {\"${name}\", R\"yaml(${yaml})yaml\"},\n")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/catalog_crd_files.cpp @ONLY CONTENT
"#include \"catalog/api/crds.hpp\"

namespace catalog {

std::span<const CrdFile> crd_files() {
  static constexpr CrdFile files[] = {
@crd_entries@  };
  return files;
}

}  // namespace catalog
")
target_sources(catalog PRIVATE ${CMAKE_BINARY_DIR}/generated/catalog_crd_files.cpp)
