# The templates inside the binary.
include(${CMAKE_SOURCE_DIR}/cmake/Embed.cmake)
file(GLOB templates CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/templates/*-main.yaml)
embed_texts(broker NAMESPACE broker FUNCTION built_in_templates HEADER broker/template_set.hpp TYPE NamedText FILES ${templates})
embed_texts(broker NAMESPACE broker FUNCTION injected_user_files HEADER broker/injection.hpp TYPE NamedText
            FILES ${CMAKE_SOURCE_DIR}/templates/injected-user.yaml)
