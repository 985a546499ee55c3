# For long runs of the simulation by hand (tests/sim/campaign): as fast as this machine can.
set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O3 -march=native -g1 -flto=auto" CACHE STRING "")
