# The templates inside the binary.
file(GLOB templates CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/templates/*-main.yaml)
embed_texts(broker NAMESPACE broker FUNCTION built_in_templates HEADER broker/template_set.hpp TYPE NamedText FILES ${templates})
file(GLOB injected CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/templates/injected-*.yaml)
embed_texts(broker NAMESPACE broker FUNCTION injected_files HEADER broker/injection.hpp TYPE NamedText FILES ${injected})
# What the broker knows of CloudFormation's resource types.
set(resource_types ${CMAKE_SOURCE_DIR}/src/broker/replacement/create_only.json ${CMAKE_SOURCE_DIR}/src/broker/replacement/data_resources.yaml)
embed_texts(broker NAMESPACE broker FUNCTION resource_type_files HEADER broker/replacement/resource_types.hpp TYPE NamedText FILES ${resource_types})
