#!/bin/sh
# make install, as somebody who builds a program against the installed library; and make uninstall.
. "$(dirname "$0")/lib.sh"

build=${DOMUS_BUILD:-$top/build}
build=${build#"$top/"}
version=$(sed -n 's/^VERSION := //p' "$top/Makefile")

install_to() { # DESTDIR PREFIX TARGET
        make -s -C "$top" B="$build" DESTDIR="$1" PREFIX="$2" "$3"
}

files() { # DIR
        find "$1" ! -type d | sort
}

put user.c <<'END'
#include <domus/domus.h>
#include <stdio.h>
int main(void)
{
        puts(domus_version());
        return 0;
}
END

compile() {
        flags=$(PKG_CONFIG_PATH="$dir/opt/lib/pkgconfig" pkg-config --cflags --libs domus) || return
        # shellcheck disable=SC2086 # the flags are words
        ${CC:-cc} -std=c99 -Wall -Werror -o "$dir/user" "$dir/user.c" $flags
}

user() {
        LD_LIBRARY_PATH="$dir/opt/lib" "$dir/user"
}

expect 'it installs' 0 '' install_to '' "$dir/opt" install
expect 'the header' 0 '' test -f "$dir/opt/include/domus/domus.h"
expect 'the library by its version' 0 '' test -f "$dir/opt/lib/libdomus.so.$version"
expect 'the name that programs load' 0 "libdomus.so.$version" readlink "$dir/opt/lib/libdomus.so.0"
expect 'the name that linkers look for' 0 'libdomus.so.0' readlink "$dir/opt/lib/libdomus.so"
expect 'the manual page' 0 '.TH DOMUS 1' cat "$dir/opt/share/man/man1/domus.1"
expect 'the completion' 0 'complete -F _domus domus' cat "$dir/opt/share/bash-completion/completions/domus"
expect 'a program compiles against it' 0 '' compile
expect 'loads it by its soname' 0 '[libdomus.so.0]' readelf -d "$dir/user"
expect 'and runs' 0 "$version" user

# The programs of examples/, as they are installed, with the flags of domus.pc and none else.
examples() {
        flags=$(PKG_CONFIG_PATH="$dir/opt/lib/pkgconfig" pkg-config --cflags --libs domus) || return
        for source in "$dir"/opt/share/doc/domus/examples/*.c; do
                # shellcheck disable=SC2086 # the flags are words
                ${CC:-cc} -Wall -Werror -o "$dir/$(basename "$source" .c)" "$source" $flags || return
        done
}

example() { # NAME ARGUMENT...
        program=$1
        shift
        LD_LIBRARY_PATH="$dir/opt/lib" "$dir/$program" "$@"
}

expect 'the examples compile against it' 0 '' examples
expect 'and run: capabilities' 0 '<capabilities>' example capabilities
expect 'watch-events' 2 'usage: watch-events FILE' example watch-events
expect 'define-and-run' 2 'usage: define-and-run FILE' example define-and-run

private() {
        nm -D --defined-only "$dir/opt/lib/libdomus.so" | awk '{ print $3 }' | grep -v '^domus_' || echo none
}
expect 'the library shows only what is public' 0 'none' private

# A packager's way: the paths inside are those of the machine that it will run on.
install_to "$dir/root" /usr install
(cd "$dir/opt" && files .) >"$dir/list"
(cd "$dir/root/usr" && files .) >"$dir/list-root"
expect 'DESTDIR gets the same files' 0 '' diff "$dir/list" "$dir/list-root"
expect 'with the paths of PREFIX alone' 0 'prefix=/usr' cat "$dir/root/usr/lib/pkgconfig/domus.pc"
refuse 'and no other' "$dir" cat "$dir/root/usr/lib/pkgconfig/domus.pc"

echo 'not ours' >"$dir/opt/lib/other"
expect 'it uninstalls' 0 '' install_to '' "$dir/opt" uninstall
expect 'everything, and nothing else' 0 "$dir/opt/lib/other" files "$dir/opt"
expect 'really nothing else' 0 '1' sh -c "find '$dir/opt' ! -type d | wc -l"
done_testing
