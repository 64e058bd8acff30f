# zig_plugin(<name> <what> SOURCE <folder> OUTPUT_DIR <folder>): builds <folder>/src/plugin.zig with this kit, and copies the files beside src/
# that a plugin ships. If Zig is not installed, or in a cross build, prints that <what> is skipped.
set(_aisopod_zig_kit "${CMAKE_CURRENT_LIST_DIR}")

function(zig_plugin name what)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "SOURCE;OUTPUT_DIR" "")
  find_program(ZIG zig)
  set(zig_version "")
  if(ZIG AND NOT CMAKE_CROSSCOMPILING)
    execute_process(COMMAND "${ZIG}" version OUTPUT_VARIABLE zig_version ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  endif()
  if(NOT zig_version MATCHES "^0\\.16\\.")
    message(STATUS "The ${what} is skipped: Zig 0.16 is not installed, or this is a cross build")
    file(REMOVE_RECURSE "${arg_OUTPUT_DIR}")
    return()
  endif()

  set(library "lib${name}${CMAKE_SHARED_LIBRARY_SUFFIX}")
  if(WIN32)
    set(library "${name}.dll")
  endif()
  file(GLOB kit_sources CONFIGURE_DEPENDS "${_aisopod_zig_kit}/src/*.zig")
  file(GLOB sources CONFIGURE_DEPENDS "${arg_SOURCE}/src/*.zig")
  file(GLOB shipped CONFIGURE_DEPENDS "${arg_SOURCE}/*.toml" "${arg_SOURCE}/*.json")
  set(folder "${CMAKE_BINARY_DIR}/zig/${name}")
  add_custom_command(
    OUTPUT "${arg_OUTPUT_DIR}/${library}" "${arg_OUTPUT_DIR}/aisopod.plugin.toml"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${folder}" "${arg_OUTPUT_DIR}"
    COMMAND "${ZIG}" build-lib -dynamic -O ReleaseSafe -fstrip "-femit-bin=${folder}/${library}" --cache-dir "${folder}/cache"
            --dep aisopod "-Mroot=${arg_SOURCE}/src/plugin.zig" "-Maisopod=${_aisopod_zig_kit}/src/aisopod.zig" -lc
    COMMAND "${CMAKE_COMMAND}" -E copy "${folder}/${library}" ${shipped} "${arg_OUTPUT_DIR}"
    DEPENDS ${kit_sources} ${sources} ${shipped}
    VERBATIM)
  add_custom_target(${name} ALL DEPENDS "${arg_OUTPUT_DIR}/${library}")
endfunction()
