#!/bin/sh
# kill -9 of the owner at every system call with an effect of every operation (make check-kill: at each call).
build=${DOMUS_BUILD:-$(dirname "$0")/../../build}
exec "$build/tests/kill/kill" --effects
