# A CMake toolchain file for the scripts in this folder. They set:
#   AISOPOD_SYSTEM      Linux, Darwin or Windows
#   AISOPOD_PROCESSOR   as CMAKE_SYSTEM_PROCESSOR of that system
#   AISOPOD_TOOLS       a folder with programs called cc, c++, ar and ranlib that build for it
#   AISOPOD_ARCHITECTURES  only for macOS, and only to build for several processors at once: CMAKE_OSX_ARCHITECTURES
set(CMAKE_SYSTEM_NAME $ENV{AISOPOD_SYSTEM})
set(CMAKE_SYSTEM_PROCESSOR $ENV{AISOPOD_PROCESSOR})
set(CMAKE_C_COMPILER $ENV{AISOPOD_TOOLS}/cc)
set(CMAKE_CXX_COMPILER $ENV{AISOPOD_TOOLS}/c++)
set(CMAKE_AR $ENV{AISOPOD_TOOLS}/ar)
set(CMAKE_RANLIB $ENV{AISOPOD_TOOLS}/ranlib)
if(CMAKE_SYSTEM_NAME STREQUAL "Darwin")
  # There is no SDK of Apple: Zig brings what a plugin needs.
  set(CMAKE_OSX_SYSROOT "" CACHE STRING "")
  set(CMAKE_OSX_DEPLOYMENT_TARGET "" CACHE STRING "")
  set(CMAKE_INSTALL_NAME_TOOL /usr/bin/true)
  if(DEFINED ENV{AISOPOD_ARCHITECTURES})
    set(CMAKE_OSX_ARCHITECTURES "$ENV{AISOPOD_ARCHITECTURES}" CACHE STRING "")
    # One for each of the two, all empty: CMake would ask Xcode for them.
    set(CMAKE_APPLE_ARCH_SYSROOTS ";" CACHE INTERNAL "")
  endif()
endif()
if(CMAKE_SYSTEM_NAME STREQUAL "Windows")
  set(CMAKE_RC_COMPILER $ENV{AISOPOD_TOOLS}/windres)
endif()
