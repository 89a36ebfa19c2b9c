# The templates that the broker brings, with what it adds to them.
target_link_libraries(unit_simulated_aws PRIVATE broker)
