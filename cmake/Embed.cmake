# embed_texts(TARGET NAMESPACE ns FUNCTION name HEADER header TYPE type FILES file...): the files' texts inside the target, as
# `std::span<const TYPE> ns::name()` (declared by the header) of {file name, text}.
function(embed_texts target)
  cmake_parse_arguments(EMBED "" "NAMESPACE;FUNCTION;HEADER;TYPE" "FILES" ${ARGN})
  set(entries "")
  foreach(path ${EMBED_FILES})
    get_filename_component(name ${path} NAME)
    file(READ ${path} text)
    string(APPEND entries "      {\"${name}\", R\"text(${text})text\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  endforeach()
  if(entries STREQUAL "")
    set(body "  return {};\n")
  else()
    set(body "  static constexpr ${EMBED_TYPE} files[] = {\n${entries}  };\n  return files;\n")
  endif()
  set(generated ${CMAKE_BINARY_DIR}/generated/${target}_${EMBED_FUNCTION}.cpp)
  file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT
"#include \"@EMBED_HEADER@\"

namespace @EMBED_NAMESPACE@ {

std::span<const @EMBED_TYPE@> @EMBED_FUNCTION@() {
@body@}

}  // namespace @EMBED_NAMESPACE@
")
  target_sources(${target} PRIVATE ${generated})
endfunction()
