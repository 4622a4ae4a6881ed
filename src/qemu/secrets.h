/* Where secrets come from that a guest needs when it is started. */
#pragma once

#include "conf/domain_image.h"

typedef struct DmSecrets {
        /* What @ref names.  NULL with the reason. */
        GBytes *(*get)(struct DmSecrets *secrets, const DmSecretRef *ref, GError **error);
} DmSecrets;
