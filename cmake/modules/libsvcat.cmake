set_target_properties(libsvcat PROPERTIES PREFIX "") # libsvcat.a
