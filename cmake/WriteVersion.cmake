# cmake -D SCRIPT=… -D TEMPLATE=… -D OUTPUT=… -P WriteVersion.cmake: writes OUTPUT only where version or commit have changed.
execute_process(COMMAND ${SCRIPT} OUTPUT_VARIABLE said OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(said)
list(GET said 0 VERSION)
list(GET said 1 COMMIT)
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
