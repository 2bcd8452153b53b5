# Fails unless the file PAGE is what the program TOOL prints.
execute_process(COMMAND ${TOOL} OUTPUT_VARIABLE printed COMMAND_ERROR_IS_FATAL ANY)
file(READ ${PAGE} page)
if(NOT printed STREQUAL page)
  message(FATAL_ERROR "${PAGE} is out of date; renew it with ${TOOL} > ${PAGE}")
endif()
