#!/bin/sh
. "$(dirname "$0")/lib.sh"

check() {
        "$top/scripts/check-headers" "$dir"
}

mkdir -p "$dir/tests"
put src/util/good.h <<'END'
#pragma once
#include <glib.h>
typedef struct DmGood DmGood;
gboolean dm_good_is(const DmGood *good, GError **error);
END
put include/domus/domus.h <<'END'
#pragma once
#ifdef __cplusplus
extern "C" {
#endif
typedef struct DomusConnection DomusConnection;
int domus_connect(const char *uri, DomusConnection **ret_connection);
#ifdef __cplusplus
}
#endif
END
expect 'good headers pass' 0 '' check
refuse 'and nothing is said' check-headers check

# bad NAME TEXT FILE: standard input is a header that must be refused, then taken back
bad() {
        put "$3"
        expect "$1" 1 "$2" check
        rm "$dir/$3"
}
bad 'a missing include' '<util/needy.h> does not compile alone' src/util/needy.h <<'END'
#pragma once
gboolean dm_needy(void);
END
bad 'a header that can be read only once' '<conf/once.h> does not compile alone' src/conf/once.h <<'END'
typedef enum DmOnce { DM_ONCE } DmOnce;
END
bad 'no #pragma once' "src/conf/plain.h: no '#pragma once'" src/conf/plain.h <<'END'
int dm_plain(void);
END
bad 'an old-style prototype' '<util/old.h> does not compile alone' src/util/old.h <<'END'
#pragma once
int dm_old();
END
bad 'a header of the tests' '<lib/needy.h> does not compile alone' tests/lib/needy.h <<'END'
#pragma once
gboolean needy(void);
END
bad 'GNU C in public' '<domus/gnu.h> does not compile as C99' include/domus/gnu.h <<'END'
#pragma once
struct domus_gnu {
        int (*call)(void);
        struct {
                int nested;
        };
};
END
bad 'something private in public' 'includes public headers only' include/domus/private.h <<'END'
#pragma once
#include "domus.h"
END
if command -v g++ >/dev/null; then
        bad 'a C++ keyword in public' '<domus/word.h> does not compile as C++' include/domus/word.h <<'END'
#pragma once
int domus_word(int class);
END
fi
expect 'and the tree is good again' 0 '' check
done_testing
