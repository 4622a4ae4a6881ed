/* The embedded driver behind the public API: what a definition says besides, and changing it (docstrings in
 * domus.h). */
#include <string.h>

#include "conf/metadata.h"
#include "driver/api_private.h"
#include "driver/guest_edit.h"

#define TITLE_MAX       4096
#define DESCRIPTION_MAX (1u << 20)

/* ---- metadata ---- */

char *dm_embedded_domain_metadata(DomusDomain *domain, DomusMetadata what, const char *uri, unsigned affect,
                                  GError **error)
{
        g_autoptr(DmGuest) guest = dm_api_guest(domain, error);
        g_autoptr(DmView) v = guest ? dm_guest_view(guest) : NULL;
        unsigned wanted = v ? dm_affect_resolve(v, domain->name, affect, error) : 0;
        if (!wanted)
                return NULL;
        const DmDomain *d = wanted == DOMUS_AFFECT_CONFIG && v->next ? v->next : v->domain;
        if (!d)
                return dm_fail_null(error, DM_ERROR_BAD_STATE, "domain '%s' is just being started",
                                    domain->name);
        const char *text = NULL;
        switch (what) {
        case DOMUS_METADATA_DESCRIPTION:
                text = d->description;
                break;
        case DOMUS_METADATA_TITLE:
                text = d->title;
                break;
        case DOMUS_METADATA_ELEMENT:
                if (!uri || !*uri)
                        return dm_fail_null(error, DM_ERROR_INVALID_ARG,
                                            "the URI of the metadata's namespace is missing");
                return dm_metadata_get(d->metadata, uri, error);
        }
        return text ? g_strdup(text)
                    : dm_fail_null(error, DM_ERROR_NOT_FOUND, "domain '%s' has no %s", domain->name,
                                   what == DOMUS_METADATA_TITLE ? "title" : "description");
}

typedef struct Metadata {
        DomusMetadata what;
        char *text, *key, *uri;
} Metadata;

static void metadata_free(void *args)
{
        Metadata *m = args;
        g_free(m->text);
        g_free(m->key);
        g_free(m->uri);
        g_free(m);
}

static void replace(char **member, char *value)
{
        g_free(*member);
        *member = value;
}

static gboolean set_metadata(DmDomain *d, const void *args, GError **error)
{
        const Metadata *m = args;
        char *metadata = NULL;
        switch (m->what) {
        case DOMUS_METADATA_DESCRIPTION:
                replace(&d->description, g_strdup(m->text));
                return TRUE;
        case DOMUS_METADATA_TITLE:
                replace(&d->title, g_strdup(m->text));
                return TRUE;
        case DOMUS_METADATA_ELEMENT:
                if (!dm_metadata_set(d->metadata, m->text, m->key, m->uri, &metadata, error))
                        return FALSE;
                replace(&d->metadata, metadata);
                return TRUE;
        }
        return FALSE;
}

static gboolean check_metadata(DomusMetadata what, const char *text, const char *uri, GError **error)
{
        if (text && !g_utf8_validate(text, -1, NULL))
                return dm_fail(error, DM_ERROR_INVALID_ARG, "the text is not UTF-8");
        switch (what) {
        case DOMUS_METADATA_TITLE:
                if (text && (strchr(text, '\n') || strlen(text) > TITLE_MAX))
                        return dm_fail(error, DM_ERROR_INVALID_ARG, "a title is one line of at most %d bytes",
                                       TITLE_MAX);
                return TRUE;
        case DOMUS_METADATA_DESCRIPTION:
                return !text || strlen(text) <= DESCRIPTION_MAX ||
                       dm_fail(error, DM_ERROR_NO_MEMORY, "a description has at most %u bytes",
                               DESCRIPTION_MAX);
        case DOMUS_METADATA_ELEMENT:
                return (uri && *uri) ||
                       dm_fail(error, DM_ERROR_INVALID_ARG, "the URI of the metadata's namespace is missing");
        }
        return dm_fail(error, DM_ERROR_INVALID_ARG, "there is no metadata of type %d", (int)what);
}

static gboolean submit_edit(DomusDomain *domain, unsigned affect, DmEditFn live, DmEditFn config, void *args,
                            GDestroyNotify free_args, const DomusCall *call, GError **error)
{
        DmEditArgs *a = g_new(DmEditArgs, 1);
        *a = (DmEditArgs){ affect, live, config, args, free_args };
        return dm_api_operate(domain, dm_job_edit, a, dm_edit_args_free, call, error);
}

gboolean dm_embedded_domain_set_metadata(DomusDomain *domain, DomusMetadata what, const char *text,
                                         const char *key, const char *uri, unsigned affect,
                                         const DomusCall *call, GError **error)
{
        if (!check_metadata(what, text, uri, error))
                return FALSE;
        Metadata *m = g_new(Metadata, 1);
        *m = (Metadata){ what, g_strdup(text && *text ? text : NULL), g_strdup(key), g_strdup(uri) };
        return submit_edit(domain, affect, set_metadata, set_metadata, m, metadata_free, call, error);
}

/* ---- sizes ---- */

gboolean dm_embedded_domain_set_memory(DomusDomain *domain, guint64 kib, unsigned affect,
                                       const DomusCall *call, GError **error)
{
        DmSetMemoryArgs *a = g_new(DmSetMemoryArgs, 1);
        *a = (DmSetMemoryArgs){ affect, kib };
        return dm_api_operate(domain, dm_job_set_memory, a, g_free, call, error);
}

static gboolean set_max_vcpus(DmDomain *d, const void *args, GError **error G_GNUC_UNUSED)
{
        guint32 n = *(const guint32 *)args;
        d->vcpus = (DmOptU32)DM_OPT(n);
        if (d->current_vcpus.set && d->current_vcpus.value > n)
                d->current_vcpus.value = n;
        return TRUE;
}

static gboolean set_vcpus(DmDomain *d, const void *args, GError **error)
{
        guint32 n = *(const guint32 *)args, most = d->vcpus.set ? d->vcpus.value : 1;
        if (n > most)
                return dm_fail(
                        error, DM_ERROR_INVALID_ARG,
                        "requested vcpus is greater than max allowable vcpus for the persistent domain: "
                        "%u > %u",
                        n, most);
        d->current_vcpus = (DmOptU32){ n != most, n };
        return TRUE;
}

gboolean dm_embedded_domain_set_vcpus(DomusDomain *domain, unsigned vcpus, unsigned affect,
                                      const DomusCall *call, GError **error)
{
        if (vcpus == 0 || vcpus > G_MAXUINT16)
                return dm_fail(error, DM_ERROR_INVALID_ARG, "a guest can't have %u processors", vcpus);
        guint32 *n = g_new(guint32, 1);
        *n = vcpus;
        return submit_edit(domain, affect & (DOMUS_AFFECT_LIVE | DOMUS_AFFECT_CONFIG), NULL,
                           affect & DOMUS_AFFECT_MAXIMUM ? set_max_vcpus : set_vcpus, n, g_free, call, error);
}
