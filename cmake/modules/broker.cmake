# The templates inside the binary.
file(GLOB templates CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/templates/*-main.yaml)
embed_texts(broker NAMESPACE broker FUNCTION built_in_templates HEADER broker/template_set.hpp TYPE NamedText FILES ${templates})
file(GLOB injected CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/templates/injected-*.yaml)
embed_texts(broker NAMESPACE broker FUNCTION injected_files HEADER broker/injection.hpp TYPE NamedText FILES ${injected})
