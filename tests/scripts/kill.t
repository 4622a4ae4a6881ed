#!/bin/sh
# kill -9 of the owner at every 150th system call of every operation (make check-kill: at each).
build=${DOMUS_BUILD:-$(dirname "$0")/../../build}
exec "$build/tests/kill/kill" --every 150
