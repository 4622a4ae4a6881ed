/* The driver's own configuration, as far as command lines show it. */
#pragma once

#include <glib.h>

typedef struct DmTlsSettings {
        gboolean on;
        const char *dir;    /* of the certificates */
        gboolean verify;    /* clients show one too */
        const char *secret; /* uuid of what unlocks the key; nullable */
} DmTlsSettings;

/* All zero: nothing is encrypted, nobody is asked for a password.  Strings are borrowed. */
typedef struct DmSettings {
        DmTlsSettings vnc, spice, chardev, storage;
        gboolean vnc_socket, spice_socket; /* servers without an address listen at a socket */
        gboolean vnc_sasl, spice_sasl;
        const char *vnc_sasl_dir, *spice_sasl_dir; /* nullable: the system's */
        gboolean vnc_password, spice_password;     /* also where the document has none */
} DmSettings;

/* Settings that are all zero. */
extern const DmSettings dm_settings_none;
