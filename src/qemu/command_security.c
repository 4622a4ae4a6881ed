/* <launchSecurity>: memory that the host cannot read.  <keywrap>. */
#include "qemu/build_private.h"

#include "util/error.h"

/* <keywrap>: keys of the guest that the host's processor wraps. */
static gboolean add_keywrap(const DmPlan *p, GString *s, GError **error)
{
        const DmKeywrap *k = p->domain->keywrap;
        for (guint i = 0; k && k->ciphers && i < k->ciphers->len; i++) {
                const DmKeywrapEntry *e = g_ptr_array_index(k->ciphers, i);
                g_autofree char *key =
                        g_strconcat(dm_enum_name(&dm_keywrap_cipher, e->name), "-key-wrap", NULL);
                if (!(p->board->flags & DM_BOARD_CCW))
                        return dm_plan_fail(p, NULL, e, error, "machine '%s' wraps no keys", p->board_name);
                dm_opts_append(s, key, dm_enum_name(&dm_on_off, e->state));
        }
        return TRUE;
}

gboolean dm_build_security_machine(const DmPlan *p, GString *s, GError **error)
{
        if (!add_keywrap(p, s, error))
                return FALSE;
        const DmLaunchSecurity *l = p->domain->launch_security;
        if (!l)
                return TRUE;
        const char *type = l->type == DM_LAUNCH_SECURITY_SEV ? "sev-guest" : "s390-pv-guest";
        gboolean support = dm_caps_has_option(p->caps, "machine", "confidential-guest-support") ||
                           dm_caps_has_prop(p->caps, "none-machine", "confidential-guest-support");
        if (!dm_caps_has_type(p->caps, type))
                return dm_plan_fail(p, NULL, &l->type, error, "'%s' (QEMU %s) has no '%s'", p->caps->path,
                                    p->caps->version_text, type);
        if (l->kernel_hashes && !dm_caps_has_schema(p->caps, "object-add:qom-type=sev-guest:kernel-hashes"))
                return dm_plan_fail(p, NULL, &l->kernel_hashes, error,
                                    "QEMU %s cannot measure kernels; leave kernelHashes out",
                                    p->caps->version_text);
        dm_opts_append(s, support ? "confidential-guest-support" : "memory-encryption", "lsec0");
        return TRUE;
}

/* A number of the document, or what the host's processor says. */
static gboolean add_number(const DmPlan *p, DmJson *object, const char *key, const DmOptU32 *value,
                           GError **error)
{
        gint64 host = dm_json_get_i64(p->caps->sev, key, -1);
        if (!value->set && host < 0)
                return dm_plan_fail(p, NULL, value, error,
                                    "the host's processor does not say its %s; give it in <launchSecurity>",
                                    key);
        dm_json_add_uint(object, key, value->set ? value->value : (guint64)host);
        return TRUE;
}

static gboolean build_sev(DmBuild *b, const DmLaunchSecurity *l, DmJson *object, GError **error)
{
        const struct {
                const char *text, *key, *file;
        } blobs[] = {
                { l->dh_cert, "dh-cert-file", DM_DH_CERT_FILE },
                { l->session, "session-file", DM_SESSION_FILE },
        };
        if (!add_number(b->plan, object, "cbitpos", &l->cbitpos, error) ||
            !add_number(b->plan, object, "reduced-phys-bits", &l->reduced_phys_bits, error))
                return FALSE;
        dm_json_add_uint(object, "policy", l->policy.value);
        for (gsize i = 0; i < G_N_ELEMENTS(blobs); i++) {
                if (!blobs[i].text)
                        continue;
                if (!b->run_dir)
                        return dm_plan_fail(b->plan, NULL, l, error, "there is no directory for its files");
                g_autofree char *path = g_build_filename(b->run_dir, blobs[i].file, NULL);
                dm_json_add_string(object, blobs[i].key, path);
        }
        if (l->kernel_hashes)
                dm_json_add_bool(object, "kernel-hashes", l->kernel_hashes == DM_YES);
        return TRUE;
}

gboolean dm_build_security(DmBuild *b, GError **error)
{
        const DmLaunchSecurity *l = b->plan->domain->launch_security;
        if (!l)
                return TRUE;
        gboolean sev = l->type == DM_LAUNCH_SECURITY_SEV;
        g_autoptr(DmJson) object = dm_json_object_new();
        dm_json_add_string(object, "qom-type", sev ? "sev-guest" : "s390-pv-guest");
        dm_json_add_string(object, "id", "lsec0");
        if (sev && !build_sev(b, l, object, error))
                return FALSE;
        dm_build_object(b, l, NULL, g_steal_pointer(&object));
        return TRUE;
}
