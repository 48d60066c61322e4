# cimarron_floor(FLOOR NAME FOLDER [LINK lib...]): every .c (and, in core/sim alone, .cpp) of the
# folder becomes cimarron_NAME.  cimarron_finish_floors() checks every #include and links each
# floor to all lower ones.

set(CIMARRON_FLOOR_NAMES "")

function(cimarron_floor floor name folder)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  set(patterns ${folder}/*.c)
  if(folder STREQUAL "core/sim")
    list(APPEND patterns ${folder}/*.cpp)
  endif()
  file(GLOB sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${patterns})
  list(REMOVE_ITEM sources core/app/main.c)
  if(NOT sources)
    file(WRITE ${CMAKE_BINARY_DIR}/empty_${name}.c "typedef int cimarron_empty_${name};\n")
    set(sources ${CMAKE_BINARY_DIR}/empty_${name}.c)
  endif()
  add_library(cimarron_${name} STATIC ${sources})
  target_link_libraries(cimarron_${name} PUBLIC ${ARG_LINK} PRIVATE cimarron_flags)
  set(CIMARRON_FLOOR_NAMES ${CIMARRON_FLOOR_NAMES} ${name} PARENT_SCOPE)
  set(CIMARRON_FLOOR_OF_${name} ${floor} PARENT_SCOPE)
  set(CIMARRON_FOLDER_OF_${name} ${folder} PARENT_SCOPE)
endfunction()

# Which floor an included path belongs to; FATAL when it belongs to none.
function(cimarron_floor_of_include path out_name)
  foreach(name ${CIMARRON_FLOOR_NAMES})
    if(path MATCHES "^${CIMARRON_FOLDER_OF_${name}}/[^/]+$")
      set(${out_name} ${name} PARENT_SCOPE)
      return()
    endif()
  endforeach()
  set(${out_name} "" PARENT_SCOPE)
endfunction()

function(cimarron_check_file file own_name)
  file(STRINGS ${CMAKE_SOURCE_DIR}/${file} includes REGEX "^[ \t]*#[ \t]*include[ \t]+\"")
  foreach(line ${includes})
    string(REGEX REPLACE "^[^\"]*\"([^\"]*)\".*$" "\\1" path "${line}")
    if(path MATCHES "\\.pb-c\\.h$" OR path MATCHES "^cimarron_[a-z_]+\\.h$")
      continue() # generated into the build tree
    endif()
    cimarron_floor_of_include("${path}" name)
    if(name STREQUAL "")
      message(FATAL_ERROR "${file}: #include \"${path}\" names no floor; write the path from the top")
    endif()
    if(NOT name STREQUAL own_name AND
       NOT CIMARRON_FLOOR_OF_${name} LESS CIMARRON_FLOOR_OF_${own_name})
      message(FATAL_ERROR "${file}: floor ${CIMARRON_FLOOR_OF_${own_name}} (${own_name}) may not "
                          "include \"${path}\" of floor ${CIMARRON_FLOOR_OF_${name}} (${name})")
    endif()
  endforeach()
endfunction()

function(cimarron_finish_floors)
  foreach(name ${CIMARRON_FLOOR_NAMES})
    file(GLOB files CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}
         ${CIMARRON_FOLDER_OF_${name}}/*.[ch] ${CIMARRON_FOLDER_OF_${name}}/*.[ch]pp
         ${CIMARRON_FOLDER_OF_${name}}/*.def)
    foreach(file ${files})
      if(file MATCHES "\\.[ch]pp$" AND NOT name STREQUAL "sim")
        message(FATAL_ERROR "${file}: C++ lives in core/sim and nowhere else")
      endif()
      cimarron_check_file(${file} ${name})
    endforeach()
    set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
    foreach(lower ${CIMARRON_FLOOR_NAMES})
      if(CIMARRON_FLOOR_OF_${lower} LESS CIMARRON_FLOOR_OF_${name})
        target_link_libraries(cimarron_${name} PUBLIC cimarron_${lower})
      endif()
    endforeach()
  endforeach()
endfunction()
