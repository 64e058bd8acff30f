# Builds the example with plain rustc. A plugin of your own uses cargo: `npx aisopod-plugin new <name> --lang rust`.
include("${CMAKE_CURRENT_LIST_DIR}/../../sdk/rust/rust-plugin.cmake")
rust_plugin(hash "example hash" SOURCE "${CMAKE_CURRENT_LIST_DIR}" OUTPUT_DIR "${CMAKE_BINARY_DIR}/examples/hash")
