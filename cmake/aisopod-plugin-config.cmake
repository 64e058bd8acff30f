# find_package(aisopod-plugin CONFIG) defines
#   aisopod::plugin        the header folder, for targets of your own
#   aisopod_add_plugin()   see aisopod_add_plugin.cmake
# All paths are relative to this file, so the package works from node_modules without an install step:
#   cmake -Daisopod-plugin_DIR=<package>/cmake …   or   -DCMAKE_PREFIX_PATH=<package>
get_filename_component(_aisopod_root "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)

if(NOT TARGET aisopod::plugin)
  add_library(aisopod::plugin INTERFACE IMPORTED)
  set_target_properties(aisopod::plugin PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${_aisopod_root}/include")
endif()
unset(_aisopod_root)

include("${CMAKE_CURRENT_LIST_DIR}/aisopod_add_plugin.cmake")
