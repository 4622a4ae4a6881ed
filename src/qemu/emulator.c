/* The search for an emulator: over the candidates' names, the programs that the host has, and what they
 * answer. Nothing is read here; the search path is in the host's facts. */
#include "qemu/emulator.h"

#include <string.h>

/* One search: what was tried, so that a failure can say it. */
typedef struct Search {
        const DmHost *host;
        DmCapsSource *source;
        const DmArch *arch;
        DmFindings *findings;
        char **names;      /* owned */
        GHashTable *seen;  /* real paths that were asked; borrowed */
        GString *failures; /* "; PATH: reason" */
} Search;

static void search_clear(Search *s)
{
        g_strfreev(s->names);
        g_hash_table_unref(s->seen);
        g_string_free(s->failures, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Search, search_clear)

/* What the program at @path can do, if it is of use to this search and was not asked before.  Owned. */
static DmCaps *ask(Search *s, const char *path)
{
        const DmFileFact *fact = g_hash_table_lookup(s->host->files, path);
        if (fact && !fact->executable)
                return NULL;
        if (!g_hash_table_add(s->seen, (char *)(fact && fact->real ? fact->real : path)))
                return NULL;
        g_autoptr(GError) error = NULL;
        g_autoptr(DmCaps) caps = dm_caps_source_get(s->source, path, &error);
        if (!caps) {
                g_string_append_printf(s->failures, "; %s", error->message);
                dm_findings_add(s->findings, DM_SEVERITY_NOTE, 0, 0, NULL, "%s is passed over: %s", path,
                                error->message);
                return NULL;
        }
        return dm_arch_target_runs(caps->target, s->arch->name) ? g_steal_pointer(&caps) : NULL;
}

static char *why(const Search *s, const char *name, gboolean first, DmVirtType want)
{
        g_autofree char *names = g_strjoinv(", ", s->names);
        if (first)
                return g_strdup_printf("first of %s that runs %s guests", names, s->arch->name);
        return g_strdup_printf("first of %s that runs %s guests and has %s: %s", names, s->arch->name,
                               dm_enum_name(&dm_virt_type, want), name);
}

DmCaps *dm_emulator_find(const DmHost *host, DmCapsSource *source, const DmArch *arch, DmVirtType want,
                         char **ret_why, DmFindings *findings, GError **error)
{
        g_auto(Search) s = { host,
                             source,
                             arch,
                             findings,
                             dm_arch_candidates(host->arch, arch),
                             g_hash_table_new(g_str_hash, g_str_equal),
                             g_string_new(NULL) };
        g_autoptr(DmCaps) first = NULL, best = NULL;
        const char *name = NULL;
        for (char **n = s.names; *n && !best; n++) {
                const char *path = dm_host_program(host, *n);
                g_autoptr(DmCaps) caps = path ? ask(&s, path) : NULL;
                if (!caps)
                        continue;
                if (dm_virt_has(caps, want))
                        best = dm_caps_ref(caps);
                name = *n;
                if (!first)
                        first = g_steal_pointer(&caps);
        }
        if (!first) {
                g_autofree char *names = g_strjoinv(", ", s.names);
                return dm_fail_null(error, DM_ERROR_UNSUPPORTED,
                                    "no emulator found for arch '%s' (looked for %s in PATH%s)", arch->name,
                                    names, s.failures->str);
        }
        gboolean is_first = !best || strcmp(best->path, first->path) == 0;
        if (ret_why)
                *ret_why = why(&s, name, is_first, want);
        return best ? g_steal_pointer(&best) : g_steal_pointer(&first);
}

/* TRUE when some program could be an emulator of @arch by itself: its name says so. */
static gboolean has_candidate(const DmHost *host, const DmArch *arch)
{
        g_auto(GStrv) names = dm_arch_candidates(host->arch, arch);
        for (char **n = names; *n; n++)
                if (dm_host_program(host, *n))
                        return TRUE;
        return FALSE;
}

char *dm_emulator_archs(const DmHost *host)
{
        GString *list = g_string_new(NULL);
        for (const DmArch *a = dm_arch_all(); a->name; a++)
                if (has_candidate(host, a))
                        g_string_append_printf(list, "%s%s", list->len ? ", " : "", a->name);
        if (list->len == 0)
                g_string_append(list, "none");
        return g_string_free(list, FALSE);
}

char *dm_emulator_archs_with_machine(const DmHost *host, DmCapsSource *source, const DmArch *except,
                                     const char *machine)
{
        GString *list = g_string_new(NULL);
        for (const DmArch *a = dm_arch_all(); a->name; a++) {
                if (a == except || !has_candidate(host, a))
                        continue;
                g_autoptr(DmCaps) caps = dm_emulator_find(host, source, a, DM_VIRT_QEMU, NULL, NULL, NULL);
                if (caps && dm_caps_machine(caps, machine))
                        g_string_append_printf(list, "%s%s", list->len ? ", " : "", a->name);
        }
        return g_string_free(list, list->len == 0);
}
