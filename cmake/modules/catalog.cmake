# The CustomResourceDefinitions inside the binary.
file(GLOB crd_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/deploy/crds/*.yaml)
embed_texts(catalog NAMESPACE catalog FUNCTION crd_files HEADER catalog/api/crds.hpp TYPE CrdFile FILES ${crd_files})
