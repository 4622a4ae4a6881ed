#!/bin/sh
# scripts/packages, with an apt, a dpkg and a sudo that only say what they were asked.
. "$(dirname "$0")/lib.sh"

# tool NAME: standard input is a shell script in front of PATH
tool() {
        {
                echo '#!/bin/sh'
                cat
        } | put "bin/$1"
        chmod +x "$dir/bin/$1"
}

packages() {
        PATH="$dir/bin:$PATH" "$top/scripts/packages" "$@"
}

tool apt-get <<'END'
echo "apt-get $*" >&2
END
tool sudo <<'END'
echo "sudo $*" >&2
END
tool id <<'END'
echo 0
END
tool dpkg-query <<'END'
for last; do :; done
[ "$last" != make ] || exit 1
case $last in libxml2-dev) echo not-installed ;; *) echo installed ;; esac
END
expect 'a set by name' 0 'libglib2.0-dev' packages build
refuse 'and no other' 'clang' packages build
expect 'reasons' 0 'keeps QEMU' packages --why build
expect 'no package twice' 0 'none' sh -c "'$top/scripts/packages' build run test develop | sort | uniq -d | grep . || echo none"
expect 'an unknown set is an error' 2 "no set 'full'" packages full
expect 'so is no set' 2 'scripts/packages --install SET' packages --install
expect 'what is missing' 0 'make
libxml2-dev' packages --missing build
refuse 'what is there' 'gcc' packages --missing build
expect 'only what is missing is installed' 0 '--no-install-recommends make libxml2-dev' packages --install build
refuse 'root needs no sudo' 'sudo' packages --install build
refuse 'nothing missing, no apt' 'apt-get' packages --install run
tool id <<'END'
echo 1000
END
expect 'others need it' 0 'sudo apt-get' packages --install build
refuse 'but not when nothing is missing' 'sudo' packages --install run
tool apt-get <<'END'
exit 100
END
tool sudo <<'END'
exec "$@"
END
expect 'a failing apt fails' 100 '' packages --install build
done_testing
