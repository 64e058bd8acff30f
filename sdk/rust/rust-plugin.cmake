# rust_plugin(<name> <what> SOURCE <folder> OUTPUT_DIR <folder>): builds <folder>/src/lib.rs with plain rustc and this kit, for RUST_TARGET
# if that is set, and copies the files beside src/ that a plugin ships. If rustc is not installed, or if this is a cross build without
# RUST_TARGET, prints that <what> is skipped.
set(_aisopod_rust_kit "${CMAKE_CURRENT_LIST_DIR}")

function(rust_plugin name what)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "SOURCE;OUTPUT_DIR" "")
  find_program(RUSTC rustc)
  set(rustc_version "")
  if(RUSTC)
    # Run it instead of only looking for it: rustup may install a rustc stub without a toolchain.
    execute_process(COMMAND "${RUSTC}" --version OUTPUT_VARIABLE rustc_version ERROR_QUIET)
    string(REGEX MATCH "[0-9]+\\.[0-9]+" rustc_version "${rustc_version}")
  endif()
  if(NOT rustc_version OR rustc_version VERSION_LESS 1.77)
    message(STATUS "The ${what} is skipped: rustc 1.77 or newer is not installed")
    file(REMOVE_RECURSE "${arg_OUTPUT_DIR}")
    return()
  endif()
  if(CMAKE_CROSSCOMPILING AND NOT RUST_TARGET)
    # Without a target, rustc builds for this machine, and the folder would get a library that the other system cannot load.
    message(STATUS "The ${what} is skipped: cross-compiling for ${CMAKE_SYSTEM_NAME} needs -DRUST_TARGET=<a target of rustc>")
    file(REMOVE_RECURSE "${arg_OUTPUT_DIR}")
    return()
  endif()
  set(options --edition 2021 -C opt-level=3 -C strip=debuginfo -D warnings)
  if(RUST_TARGET)
    list(APPEND options --target "${RUST_TARGET}")
  endif()

  set(library "lib${name}${CMAKE_SHARED_LIBRARY_SUFFIX}")
  if(WIN32)
    set(library "${name}.dll")
  endif()
  # Built in another folder and copied, because on Windows rustc writes other files beside the library.
  set(folder "${CMAKE_BINARY_DIR}/rust/${name}")
  string(REPLACE "-" "_" crate "${name}")
  file(GLOB kit_sources CONFIGURE_DEPENDS "${_aisopod_rust_kit}/src/*.rs")
  file(GLOB sources CONFIGURE_DEPENDS "${arg_SOURCE}/src/*.rs")
  file(GLOB shipped CONFIGURE_DEPENDS "${arg_SOURCE}/*.toml" "${arg_SOURCE}/*.json")
  add_custom_command(
    OUTPUT "${folder}/${library}"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${folder}"
    COMMAND "${RUSTC}" ${options} --crate-type rlib --crate-name aisopod_plugin -o "${folder}/libaisopod_plugin.rlib" "${_aisopod_rust_kit}/src/lib.rs"
    COMMAND "${RUSTC}" ${options} --crate-type cdylib --crate-name ${crate} --extern "aisopod_plugin=${folder}/libaisopod_plugin.rlib"
            -o "${folder}/${library}" "${arg_SOURCE}/src/lib.rs"
    DEPENDS ${kit_sources} ${sources}
    VERBATIM)
  add_custom_command(
    OUTPUT "${arg_OUTPUT_DIR}/${library}" "${arg_OUTPUT_DIR}/aisopod.plugin.toml"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${arg_OUTPUT_DIR}"
    COMMAND "${CMAKE_COMMAND}" -E copy "${folder}/${library}" ${shipped} "${arg_OUTPUT_DIR}"
    DEPENDS "${folder}/${library}" ${shipped}
    VERBATIM)
  add_custom_target(${name} ALL DEPENDS "${arg_OUTPUT_DIR}/${library}")
endfunction()
