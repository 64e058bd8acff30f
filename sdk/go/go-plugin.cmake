# go_plugin(<name> <what> SOURCE <folder> OUTPUT_DIR <folder>): builds the main package in <folder>, whose go.mod replaces aisopod/plugin by
# this kit, and copies the manifest. If Go is not installed, or in a cross build, prints that <what> is skipped.
set(_aisopod_go_kit "${CMAKE_CURRENT_LIST_DIR}")

function(go_plugin name what)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "SOURCE;OUTPUT_DIR" "")
  find_program(GO go)
  set(go_version "")
  if(GO AND NOT CMAKE_CROSSCOMPILING)
    execute_process(COMMAND "${GO}" version OUTPUT_VARIABLE go_version ERROR_QUIET)
    string(REGEX MATCH "[0-9]+\\.[0-9]+" go_version "${go_version}")
  endif()
  if(NOT go_version OR go_version VERSION_LESS 1.19)
    message(STATUS "The ${what} is skipped: Go 1.19 or newer is not installed, or this is a cross build")
    file(REMOVE_RECURSE "${arg_OUTPUT_DIR}")
    return()
  endif()

  set(library "lib${name}${CMAKE_SHARED_LIBRARY_SUFFIX}")
  if(WIN32)
    set(library "${name}.dll")
  endif()
  set(folder "${CMAKE_BINARY_DIR}/go/${name}")
  file(GLOB kit_sources CONFIGURE_DEPENDS "${_aisopod_go_kit}/*.go" "${_aisopod_go_kit}/bridge.*" "${_aisopod_go_kit}/../../include/aisopod/*.h")
  file(GLOB sources CONFIGURE_DEPENDS "${arg_SOURCE}/*.go" "${arg_SOURCE}/go.mod")
  file(GLOB shipped CONFIGURE_DEPENDS "${arg_SOURCE}/*.toml" "${arg_SOURCE}/*.json")
  add_custom_command(
    OUTPUT "${arg_OUTPUT_DIR}/${library}" "${arg_OUTPUT_DIR}/aisopod.plugin.toml"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${folder}" "${arg_OUTPUT_DIR}"
    COMMAND "${CMAKE_COMMAND}" -E env CGO_ENABLED=1 "${GO}" build -buildmode=c-shared -trimpath -ldflags=-s -o "${folder}/${library}" .
    COMMAND "${CMAKE_COMMAND}" -E copy "${folder}/${library}" ${shipped} "${arg_OUTPUT_DIR}"
    DEPENDS ${kit_sources} ${sources} ${shipped}
    WORKING_DIRECTORY "${arg_SOURCE}"
    VERBATIM)
  add_custom_target(${name} ALL DEPENDS "${arg_OUTPUT_DIR}/${library}")
endfunction()
