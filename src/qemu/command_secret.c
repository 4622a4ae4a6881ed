/* What QEMU is given encrypted, and the certificates that it shows or checks: -object secret, -object
 * tls-creds-x509. */
#include "qemu/image_nodes.h"

#include "util/error.h"

gboolean dm_build_secret(DmBuild *b, const void *origin, const char *id, const DmSecretRef *ref,
                         const char *text, GError **error)
{
        const DmSecretAsk ask = { id, ref, text };
        if (!b->secret)
                return dm_plan_fail(b->plan, NULL, origin, error,
                                    "%s%s%s cannot be had: the driver keeps none",
                                    ref ? "the secret '" : "what must be kept secret",
                                    ref ? ref->uuid ? ref->uuid : ref->usage : "", ref ? "'" : "");
        g_autoptr(DmJson) secret = dm_json_object_new();
        dm_json_add_string(secret, "qom-type", "secret");
        dm_json_add_string(secret, "id", id);
        if (!b->secret(b, &ask, secret, error))
                return FALSE;
        dm_build_object(b, origin, NULL, g_steal_pointer(&secret));
        return TRUE;
}

gboolean dm_build_tls(DmBuild *b, const void *origin, const DmTlsSettings *tls, gboolean server,
                      const char *id, const char *stem, GError **error)
{
        g_autofree char *password = NULL;
        if (!tls->dir)
                return dm_plan_fail(b->plan, NULL, origin, error,
                                    "there is no directory of certificates for TLS");
        if (tls->secret) {
                const DmSecretRef ref = { .type = DM_SECRET_TLS, .uuid = (char *)tls->secret };
                password = g_strconcat(stem, "-secret0", NULL);
                if (!dm_build_secret(b, origin, password, &ref, NULL, error))
                        return FALSE;
        }
        DmJson *creds = dm_json_object_new();
        dm_json_add_string(creds, "qom-type", "tls-creds-x509");
        dm_json_add_string(creds, "id", id);
        dm_json_add_string(creds, "dir", tls->dir);
        dm_json_add_string(creds, "endpoint", server ? "server" : "client");
        dm_json_add_bool(creds, "verify-peer", !server || tls->verify);
        dm_json_add_string(creds, "passwordid", password);
        dm_build_object(b, origin, NULL, creds);
        return TRUE;
}
