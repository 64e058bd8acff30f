# Builds the Rust example with plain rustc, for RUST_TARGET if that is set. If rustc is not installed, or if this is a cross build
# without RUST_TARGET, prints a message and skips it.
find_program(RUSTC rustc)
set(rustc_version "")
if(RUSTC)
  # Run it instead of only looking for it: rustup may install a rustc stub without a toolchain.
  execute_process(COMMAND "${RUSTC}" --version OUTPUT_VARIABLE rustc_version ERROR_QUIET)
  string(REGEX MATCH "[0-9]+\\.[0-9]+" rustc_version "${rustc_version}")
endif()
set(folder "${CMAKE_BINARY_DIR}/examples/hash")
if(NOT rustc_version OR rustc_version VERSION_LESS 1.77)
  message(STATUS "The example hash is skipped: rustc 1.77 or newer is not installed")
  file(REMOVE_RECURSE "${folder}")
  return()
endif()
if(CMAKE_CROSSCOMPILING AND NOT RUST_TARGET)
  # Without a target, rustc builds for this machine, and the folder would get a library that the other system cannot load.
  message(STATUS "The example hash is skipped: cross-compiling for ${CMAKE_SYSTEM_NAME} needs -DRUST_TARGET=<a target of rustc>")
  file(REMOVE_RECURSE "${folder}")
  return()
endif()
set(target_option "")
if(RUST_TARGET)
  set(target_option --target "${RUST_TARGET}")
endif()

set(library "libhash${CMAKE_SHARED_LIBRARY_SUFFIX}")
if(WIN32)
  set(library "hash.dll")
endif()
set(built "${CMAKE_BINARY_DIR}/rust/${library}")
foreach(file lib abi ffi json digest)
  list(APPEND sources "${CMAKE_CURRENT_LIST_DIR}/src/${file}.rs")
endforeach()

# Built in another folder and copied, because on Windows rustc writes other files beside the library.
add_custom_command(
  OUTPUT "${built}"
  COMMAND "${CMAKE_COMMAND}" -E make_directory "${CMAKE_BINARY_DIR}/rust"
  COMMAND "${RUSTC}" --edition 2021 --crate-type cdylib --crate-name hash ${target_option} -C opt-level=3 -C strip=debuginfo -D warnings
          -o "${built}" "${CMAKE_CURRENT_LIST_DIR}/src/lib.rs"
  DEPENDS ${sources}
  VERBATIM)
add_custom_command(
  OUTPUT "${folder}/${library}" "${folder}/aisopod.plugin.toml"
  COMMAND "${CMAKE_COMMAND}" -E make_directory "${folder}"
  COMMAND "${CMAKE_COMMAND}" -E copy "${built}" "${folder}/${library}"
  COMMAND "${CMAKE_COMMAND}" -E copy "${CMAKE_CURRENT_LIST_DIR}/aisopod.plugin.toml" "${folder}/aisopod.plugin.toml"
  DEPENDS "${built}" "${CMAKE_CURRENT_LIST_DIR}/aisopod.plugin.toml"
  VERBATIM)
add_custom_target(hash ALL DEPENDS "${folder}/${library}")
