#!/bin/sh
. "$(dirname "$0")/lib.sh"

check() {
        "$top/scripts/check-layers" "$dir"
}

mkdir -p "$dir/src/util" "$dir/src/cli"
put src/conf/domain.c <<'END'
#include "conf/domain.h"
#include "util/error.h"
#include <glib.h>
END
put src/driver/api.c <<'END'
#include <domus/domus.h>
#include "qemu/caps.h"
#include "rpc/wire.h"
END
put src/conf/kinds.def <<'END'
DM_DEVICE(DISK, disk)
END
expect 'a good tree passes' 0 '' check
refuse 'and says nothing' check-layers check

# bad NAME TEXT FILE LINE: one include that must be refused, then taken back
bad() {
        printf '#include <glib.h>\n%s\n' "$4" | put "$3"
        expect "$1" 1 "$2" check
        rm "$dir/$3"
}
bad 'conf knows no qemu' 'src/conf/x.c:2: conf must not include qemu ("qemu/caps.h")' src/conf/x.c '#include "qemu/caps.h"'
bad 'util includes nothing above' 'util must not include conf' src/util/x.h '#include "conf/domain.h"'
bad 'rpc is not for conf' 'rpc must not include conf' src/rpc/x.c '#include "conf/domain.h"'
bad 'qemu knows no rpc' 'qemu must not include rpc' src/qemu/x.c '#include "rpc/wire.h"'
bad 'nobody includes the daemon' 'driver must not include daemon' src/driver/x.c '#include "daemon/config.h"'
bad 'the command line builds no argv' 'cli must not include qemu' src/cli/x.c '#include "qemu/caps.h"'
bad 'the public header is above qemu' 'qemu must not use the public <domus/domus.h>' src/qemu/x.c '#include <domus/domus.h>'
bad 'spaces hide nothing' 'conf must not include qemu' src/conf/x.c ' #  include   "qemu/caps.h"'
bad 'tables count' 'conf must not include qemu' src/conf/x.def '#include "qemu/caps.h"'
bad 'relative includes are refused' 'write includes from src/' src/qemu/x.c '#include "../rpc/wire.h"'
bad 'so are bare ones' 'src/qemu/x.c:2: "caps.h": write' src/qemu/x.c '#include "caps.h"'
bad 'an unknown layer is refused' 'src/extra: no such layer' src/extra/x.c ''
rmdir "$dir/src/extra"
bad 'a file outside the layers too' 'src/x.c: sources stand' src/x.c ''
expect 'and the tree is good again' 0 '' check
done_testing
