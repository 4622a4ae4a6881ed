#!/bin/sh
# scripts/fetch-guests in a tree of its own, with an archive of two files: apt and dpkg-deb are stand-ins.
. "$(dirname "$0")/lib.sh"

# tool NAME: standard input is a shell script in front of PATH
tool() {
        {
                echo '#!/bin/sh'
                cat
        } | put "bin/$1"
        chmod +x "$dir/bin/$1"
}

fetch() {
        PATH="$dir/bin:$PATH" DOMUS_MIRROR=http://mirror.invalid/debian "$dir/tree/scripts/fetch-guests" "$@"
}

mkdir -p "$dir/tree/scripts" "$dir/tree/tests/guests"
cp "$top/scripts/fetch-guests" "$dir/tree/scripts/"
cp "$top/tests/guests/linux-init" "$dir/tree/tests/guests/"
cache=$dir/tree/build/cache

# The words before the action are options "-o X=Y".
tool apt-get <<'END'
while [ "$1" = -o ] || [ "$1" = -qq ]; do [ "$1" = -qq ] || shift; shift; done
case $1 in
update) [ ! -e "${0%/bin/*}/offline" ] || { echo "E: no route to the mirror" >&2; exit 100; } ;;
download) shift; for name in "$@"; do echo "$name" >"$name.deb"; done; echo "$*" >>"${0%/bin/*}/downloads" ;;
esac
END
tool apt-cache <<'END'
[ ! -e "${0%/bin/*}/offline" ] || exit 0
case "$*" in *linux-image-s390x) echo "  Depends: linux-image-9.9-s390x" ;; esac
END
# What is in a package: DIR is the last word.  A module's description is made of NUL-ended words.
tool dpkg-deb <<'END'
for to; do :; done
module() {
        mkdir -p "$to/lib/modules/9.9-s390x/kernel/$1"
        printf 'ELF\0license=GPL\0depends=%s\0alias=%s\0' "$3" "$4" >"$to/lib/modules/9.9-s390x/kernel/$1/$2.ko"
}
case $2 in
*linux-image*)
        mkdir -p "$to/boot"
        echo kernel >"$to/boot/vmlinuz-9.9-s390x"
        module net virtio_net net_failover,virtio 'virtio:d00000001v*'
        module net net_failover failover 'x:1'
        module net failover '' 'x:2'
        module hw virtio-rng virtio 'virtio:d00000004v*'
        module hw virtio virtio-ring 'x:3'
        module hw virtio-ring '' 'x:4'
        module sound speaker '' 'x:5'
        ;;
*busybox*) mkdir -p "$to/bin" && echo busybox >"$to/bin/busybox" ;;
esac
END

expect 'an unknown architecture' 2 "no architecture 'vax'; there are: amd64 arm64" fetch vax
expect 'an unknown option' 2 'fetch-guests [--refresh]' fetch --force
expect 'a kernel and its initramfs' 0 's390x: 9.9-s390x, kernel' fetch s390x
expect 'the kernel' 0 kernel cat "$cache/s390x.linux"
expect 'what the initramfs holds' 0 'lib/modules/9.9-s390x/modules.dep' cpio -t --quiet -F "$cache/s390x.cpio"
refuse 'and what not' speaker cpio -t --quiet -F "$cache/s390x.cpio"
expect 'it begins with ours' 0 '' cmp "$dir/tree/tests/guests/linux-init" "$cache/s390x.root/init"
expect 'a module after all that it needs' 0 'virtio_net.ko: virtio.ko virtio_ring.ko net_failover.ko failover.ko' \
        cat "$cache/s390x.root/lib/modules/9.9-s390x/modules.dep"
expect 'modules are found by alias' 0 'alias virtio:d00000004v* virtio_rng' \
        cat "$cache/s390x.root/lib/modules/9.9-s390x/modules.alias"
refuse 'no traces of the work' .s390x ls -A "$cache"

rm "$dir/downloads"
expect 'what is there stays' 0 'there already' fetch s390x
expect 'nothing was fetched for it' 1 '' test -e "$dir/downloads"
echo '# changed' >>"$dir/tree/tests/guests/linux-init"
touch -d '1 hour' "$dir/tree/tests/guests/linux-init"
expect 'a changed init is packed anew' 0 'there already' fetch s390x
expect 'indeed' 0 '# changed' sh -c "cd '$dir' && cpio -i --quiet --to-stdout init <'$cache/s390x.cpio'"
expect 'nor was anything fetched for that' 1 '' test -e "$dir/downloads"
expect 'unless asked' 0 'fetched 0 MiB' fetch --refresh s390x

expect 'no such package' 0 'mipsel: not fetched: no linux-image-4kc-malta found' fetch mipsel
touch "$dir/offline"
expect 'no network is no error, and said' 0 \
        'amd64: not fetched: no linux-image-cloud-amd64 found: no route to the mirror' fetch
expect 'nor is it asked for ever' 0 'ppc64el: not fetched: nor were those before' fetch
expect 'what is there serves without' 0 's390x: 9.9-s390x, kernel 0.0 MiB' fetch
expect 'a failed refresh leaves the old one' 0 's390x: not fetched' fetch --refresh s390x
expect 'there it is' 0 kernel cat "$cache/s390x.linux"
done_testing
