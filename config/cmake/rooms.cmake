# A room is a folder that becomes one static library. Its headers are reached as "<room>/<file>.h",
# and only by rooms that name it: every room gets an include root of its own that holds nothing but a
# link to its folder, so a wrong arrow does not compile.

set(PB_WARNINGS -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -Wswitch-enum -Wvla -Werror)
set(PB_NUMERIC -ffp-contract=off)

function(pb_flags target)
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:C>:${PB_WARNINGS};${PB_NUMERIC}>)
  target_compile_definitions(${target} PRIVATE _GNU_SOURCE)
  if(PB_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${PB_SANITIZE} -fno-omit-frame-pointer
                                             -fno-sanitize-recover=all)
    target_link_options(${target} PRIVATE -fsanitize=${PB_SANITIZE})
  endif()
endfunction()

# pb_room(<name> [DIR <folder>] [USES <room>...] [THIRD <imported target>...])
# USES are the arrows. THIRD are libraries that only this room may include. Headers of rooms named
# in USES are visible to the users of this room as well when its own headers need them.
function(pb_room name)
  cmake_parse_arguments(R "" "DIR" "USES;THIRD" ${ARGN})
  if(NOT R_DIR)
    set(R_DIR ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${R_DIR}/*.c ${R_DIR}/*.S)
  set(root ${CMAKE_BINARY_DIR}/arrows/${name})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${R_DIR} ${root}/${name} SYMBOLIC)
  if(sources)
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC ${root})
    target_link_libraries(${name} PUBLIC ${R_USES} PRIVATE ${R_THIRD})
    pb_flags(${name})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${root})
    target_link_libraries(${name} INTERFACE ${R_USES})
  endif()
endfunction()

# pb_program(<name> SOURCES <file>... USES <room>... [THIRD <target>...])
function(pb_program name)
  cmake_parse_arguments(P "" "" "SOURCES;USES;THIRD" ${ARGN})
  add_executable(${name} ${P_SOURCES})
  target_link_libraries(${name} PRIVATE ${P_USES} ${P_THIRD})
  pb_flags(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# pb_unit_tests(<room> [USES <room>...]): tests/unit/<room>/*_test.c as one Criterion program, built by the target units.
function(pb_unit_tests room)
  cmake_parse_arguments(T "" "" "USES;THIRD" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/unit/${room}/*.c)
  if(sources)
    pb_program(unit_${room} SOURCES ${sources} USES ${room} ${T_USES} support
               THIRD PkgConfig::CRITERION ${T_THIRD})
    target_compile_options(unit_${room} PRIVATE -Wno-missing-prototypes -Wno-shadow)
    target_compile_definitions(unit_${room} PRIVATE PB_TOP="${CMAKE_SOURCE_DIR}")
    set_target_properties(unit_${room} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests
                                                  EXCLUDE_FROM_ALL ON)
    add_dependencies(units unit_${room})
    add_test(NAME unit_${room} COMMAND unit_${room})
  endif()
endfunction()
