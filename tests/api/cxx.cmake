cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND ${CXX} -std=c++17 -Wall -Wextra -Werror -I${INCLUDE} ${SOURCE} ${LIBRARY} -o ${WORK}/header_cxx
  COMMAND_ERROR_IS_FATAL ANY)
get_filename_component(folder ${LIBRARY} DIRECTORY)
execute_process(COMMAND ${CMAKE_COMMAND} -E env LD_LIBRARY_PATH=${folder} ${WORK}/header_cxx COMMAND_ERROR_IS_FATAL ANY)
