include(CheckCXXSourceCompiles)

# aisopod_add_plugin(<name>
#   SOURCES <file>...          the plugin's sources
#   [MANIFEST <file>]          copied next to the library as aisopod.plugin.toml, whenever it changes
#   [FILES <file>...]          copied next to it too: a configuration schema, data
#   [OUTPUT_DIR <folder>]      the plugin folder; default <current binary dir>/<name>, in every configuration
#   [ALLOW_UNDEFINED])         do not fail the link on undefined symbols (sanitizers need this on Linux)
#
# Builds the module library <name>: lib<name>.so on Linux, lib<name>.dylib on macOS, <name>.dll on Windows. The manifest names
# it with `entry_point = "<name>"`. With MANIFEST, the output folder is a complete plugin folder.
function(aisopod_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "ALLOW_UNDEFINED" "MANIFEST;OUTPUT_DIR" "SOURCES;FILES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "aisopod_add_plugin(${name}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "aisopod_add_plugin(${name}): SOURCES is missing")
  endif()
  if(NOT arg_OUTPUT_DIR)
    set(arg_OUTPUT_DIR "${CMAKE_CURRENT_BINARY_DIR}/${name}")
  endif()
  get_filename_component(folder "${arg_OUTPUT_DIR}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")

  add_library(${name} MODULE ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE aisopod::plugin)
  set_target_properties(${name} PROPERTIES
    C_VISIBILITY_PRESET hidden
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    # The empty generator expression stops multi-config generators from adding a Debug/ or Release/ folder.
    LIBRARY_OUTPUT_DIRECTORY "${folder}$<0:>"
    RUNTIME_OUTPUT_DIRECTORY "${folder}$<0:>"
    # A plugin does not need its import library, so that goes to another folder.
    ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}"
    DEBUG_POSTFIX "")
  if(WIN32)
    set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX ".dll")
  elseif(APPLE)
    set_target_properties(${name} PROPERTIES PREFIX "lib" SUFFIX ".dylib")
  else()
    set_target_properties(${name} PROPERTIES PREFIX "lib" SUFFIX ".so")
  endif()

  # GCC makes static data of templates unique in the process: plugins would share it, and would never be unloaded.
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)

  # By default, only the Linux linker accepts undefined symbols. The host refuses such a plugin when it opens it.
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND NOT arg_ALLOW_UNDEFINED)
    target_link_options(${name} PRIVATE "LINKER:-z,defs")
    _aisopod_own_libstdcxx(${name} ${arg_SOURCES})
  elseif(APPLE AND arg_ALLOW_UNDEFINED)
    target_link_options(${name} PRIVATE "LINKER:-undefined,dynamic_lookup")
  endif()

  if(arg_MANIFEST)
    _aisopod_copy_beside(${name} "${arg_MANIFEST}" "${folder}/aisopod.plugin.toml")
  endif()
  foreach(file IN LISTS arg_FILES)
    get_filename_component(file_name "${file}" NAME)
    _aisopod_copy_beside(${name} "${file}" "${folder}/${file_name}")
  endforeach()
endfunction()

# Links libstdc++ statically and hides it, for Linux. The program of Node 22 exports parts of another release of it, std::filesystem,
# which the shared libstdc++ then uses in place of its own: a plugin that walks a folder crashes. What the plugin does not use of it
# is left out, or it would import chdir and setlocale. Not with sanitizers, which watch the shared one, and not where there is no
# static one (Fedora has it in a package of its own) or the linker has no such options (Zig's, which links libc++ statically).
function(_aisopod_own_libstdcxx name)
  set(sources ${ARGN})
  list(FILTER sources INCLUDE REGEX "\\.(cc|cpp|cxx|c\\+\\+|C)$")
  if(NOT sources OR NOT CMAKE_CXX_COMPILER)
    return()
  endif()
  set(options -static-libstdc++ "LINKER:--exclude-libs,libstdc++.a" LINKER:--gc-sections)
  set(CMAKE_REQUIRED_LINK_OPTIONS ${options})
  set(CMAKE_REQUIRED_QUIET ON)
  check_cxx_source_compiles("int main() { return 0; }" AISOPOD_HAS_STATIC_LIBSTDCXX)
  if(AISOPOD_HAS_STATIC_LIBSTDCXX)
    target_link_options(${name} PRIVATE ${options})
  endif()
endfunction()

# The copy is a source of the target, so that building the target creates and updates it.
function(_aisopod_copy_beside target from to)
  get_filename_component(from "${from}" ABSOLUTE)
  add_custom_command(
    OUTPUT "${to}"
    COMMAND "${CMAKE_COMMAND}" -E copy "${from}" "${to}"
    DEPENDS "${from}"
    VERBATIM)
  target_sources(${target} PRIVATE "${to}")
  set_source_files_properties("${to}" PROPERTIES HEADER_FILE_ONLY ON)
endfunction()

# -musl where the compiler builds for musl, else empty.
function(_aisopod_libc variable)
  set(machine "")
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    set(compiler "${CMAKE_C_COMPILER}")
    if(NOT compiler)
      set(compiler "${CMAKE_CXX_COMPILER}")
    endif()
    execute_process(COMMAND "${compiler}" -dumpmachine OUTPUT_VARIABLE machine ERROR_QUIET)
    string(APPEND machine "${CMAKE_C_COMPILER_TARGET}${CMAKE_CXX_COMPILER_TARGET}") # of clang, which CMake passes on
  endif()
  if(machine MATCHES "musl")
    set(${variable} "-musl" PARENT_SCOPE)
  else()
    set(${variable} "" PARENT_SCOPE)
  endif()
endfunction()

# aisopod_platform(<variable>): the name of the folder for libraries of the target system, <platform>-<arch> in Node's words:
# linux-x64, linux-x64-musl, darwin-arm64, win32-x64. A host looks there first.
function(aisopod_platform variable)
  string(TOLOWER "${CMAKE_SYSTEM_NAME}" system)
  if(WIN32)
    set(system win32)
  endif()
  set(processor "${CMAKE_SYSTEM_PROCESSOR}")
  if(APPLE AND CMAKE_OSX_ARCHITECTURES)
    set(processor "${CMAKE_OSX_ARCHITECTURES}")
  elseif(CMAKE_GENERATOR_PLATFORM)
    set(processor "${CMAKE_GENERATOR_PLATFORM}") # of Visual Studio
  endif()
  string(TOLOWER "${processor}" processor)
  if(processor MATCHES "^(x86_64|amd64|x64)$")
    set(processor x64)
  elseif(processor MATCHES "^(aarch64|arm64)$")
    set(processor arm64)
  endif()
  _aisopod_libc(libc)
  set(${variable} "${system}-${processor}${libc}" PARENT_SCOPE)
endfunction()
