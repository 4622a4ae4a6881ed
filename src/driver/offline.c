/* Documents without guests (see offline.h). */
#include "driver/offline.h"

#include "conf/codecs.h"
#include "conf/xml_walk.h"
#include "qemu/caps_cache.h"
#include "qemu/caps_replay.h"
#include "util/file.h"

#define FACTS_MAX (4 * 1024 * 1024)

/* A source that answers every question with one recorded emulator, under whatever path it is asked for. */
typedef struct ReplaySource {
        DmCapsSource source;
        const char *path;
} ReplaySource;

static DmCaps *replay_get(DmCapsSource *source, const char *path, GError **error)
{
        DmCaps *caps = dm_caps_replay(((ReplaySource *)source)->path, path, 0, error);
        return caps;
}

static DmHost *load_host(const DmOfflineOptions *options, GError **error)
{
        if (!options->host)
                return dm_host_load(NULL);
        g_autofree char *text = NULL;
        gsize length = 0;
        if (!dm_file_read(options->host, FACTS_MAX, &text, &length, error))
                return NULL;
        g_autoptr(DmJson) j = dm_json_parse(text, length, error);
        DmHost *host = j ? dm_host_from_json(j, error) : NULL;
        if (!host)
                g_prefix_error(error, "host facts '%s': ", options->host);
        return host;
}

static gboolean resolve(DmOffline *o, DmDomain *d, const DmOfflineOptions *options, GError **error)
{
        g_autoptr(DmHost) host = load_host(options, error);
        if (!host) {
                dm_domain_unref(d);
                return FALSE;
        }
        if (!options->host)
                dm_host_gather(host, d);
        if (options->replay) {
                ReplaySource source = { { replay_get }, options->replay };
                g_autoptr(DmCaps) first = replay_get(&source.source, "emulator", error);
                if (!first) {
                        dm_domain_unref(d);
                        return FALSE; /* the recording is wrong, not the document */
                }
                o->plan = dm_resolve(d, host, &source.source, 0, o->findings, error);
                return o->plan != NULL;
        }
        DmCapsCache *cache = dm_caps_cache_new(&(DmCapsCacheOptions){ .dir = options->cache_dir });
        o->plan = dm_resolve(d, host, dm_caps_cache_source(cache), 0, o->findings, error);
        dm_caps_cache_free(cache);
        return o->plan != NULL;
}

static gboolean build(DmOffline *o, GError **error)
{
        g_autofree char *dir = g_strdup_printf("/run/domus/%s", o->plan->domain->name);
        o->command = dm_command_new(o->plan->domain->emulator);
        DmBuild b = {
                .plan = o->plan,
                .command = o->command,
                .monitor_fd = 3,
                .run_dir = dir,
                .channel_dir = dir,
                .nvram_dir = dir,
        };
        return dm_build_command(&b, error);
}

DmOffline *dm_offline_run(const char *text, gsize length, const DmOfflineOptions *options)
{
        DmOffline *o = g_new0(DmOffline, 1);
        o->findings = dm_findings_new();
        o->stage = DM_STAGE_PARSE;
        DmDomain *d = dm_domain_parse(text, length, 0, o->findings, &o->error);
        if (!d)
                return o;
        if (!d->uuid) {
                d->uuid = dm_uuid_new();
                dm_origins_explain(d->origins, &d->uuid, "made at random: the document has none");
        }
        o->stage = DM_STAGE_RESOLVE;
        if (resolve(o, d, options, &o->error)) {
                o->stage = DM_STAGE_BUILD;
                if (build(o, &o->error))
                        o->stage = DM_STAGE_DONE;
        }
        if (o->error)
                dm_findings_add_error(o->findings, o->error);
        return o;
}

DmFindings *dm_offline_read(const char *text, gsize length)
{
        DmFindings *findings = dm_findings_new();
        g_autoptr(DmDomain) d = dm_domain_parse(text, length, 0, findings, NULL);
        return findings;
}

char *dm_finding_text(const DmFinding *f)
{
        GString *s = g_string_new(dm_severity_name(f->severity));
        g_string_append(s, ": ");
        if (f->line)
                g_string_append_printf(s, "line %u: ", f->line);
        if (f->path)
                g_string_append_printf(s, "%s: ", f->path);
        g_string_append(s, f->message);
        return g_string_free(s, FALSE);
}

void dm_offline_free(DmOffline *o)
{
        if (!o)
                return;
        g_clear_error(&o->error);
        dm_findings_unref(o->findings);
        dm_plan_free(o->plan);
        dm_command_free(o->command);
        g_free(o);
}

const char *dm_stage_name(DmStage s)
{
        static const char *const names[] = { "parse", "check", "resolve", "build", "done" };
        return names[s];
}

/* ---- as JSON ---- */

DmJson *dm_findings_to_json(const DmFindings *f)
{
        DmJson *list = dm_json_array_new();
        for (gsize i = 0; i < dm_findings_count(f); i++) {
                const DmFinding *item = dm_findings_at(f, i);
                DmJson *j = dm_json_object_new();
                dm_json_add_string(j, "severity", dm_severity_name(item->severity));
                if (item->severity == DM_SEVERITY_ERROR)
                        dm_json_add_string(j, "code", dm_error_code_name(item->code));
                if (item->line)
                        dm_json_add_int(j, "line", item->line);
                dm_json_add_string(j, "path", item->path);
                dm_json_add_string(j, "message", item->message);
                dm_json_append_take(list, j);
        }
        return list;
}

typedef struct Explain {
        const DmOrigins *origins;
        DmJson *decisions;
        /* The last element that was put there, with its attributes as its value. */
        DmJson *element; /* borrowed from decisions */
        GString *path, *attributes;
} Explain;

/* Below the last element: its own attributes go to its value; what it is made of was not decided by itself.
 */
static gboolean belongs_to_element(Explain *e, const char *path, const char *text)
{
        if (!e->element || !g_str_has_prefix(path, e->path->str) || path[e->path->len] != '/')
                return FALSE;
        const char *rest = path + e->path->len + 1;
        if (rest[0] == '@' && text) {
                g_string_append_printf(e->attributes, "%s%s='%s'", e->attributes->len ? " " : "", rest + 1,
                                       text);
                dm_json_add_string(e->element, "value", e->attributes->str);
        }
        return !text;
}

static void explain_value(const char *path, const char *text, const void *member, void *data)
{
        Explain *e = data;
        const char *reason = dm_origins_reason(e->origins, member);
        if (belongs_to_element(e, path, text) || !reason)
                return;
        DmJson *j = dm_json_object_new();
        if (!text) {
                e->element = j;
                g_string_assign(e->path, path);
                g_string_truncate(e->attributes, 0);
        }
        dm_json_add_string(j, "path", path);
        dm_json_add_string(j, "value", text);
        dm_json_add_string(j, "reason", reason);
        if (dm_origins_line(e->origins, member))
                dm_json_add_int(j, "line", dm_origins_line(e->origins, member));
        dm_json_append_take(e->decisions, j);
}

static DmJson *explain_word(const DmOrigins *origins, const DmCommandItem *item)
{
        DmJson *j = dm_json_object_new();
        dm_json_add_string(j, "option", item->option);
        dm_json_add_string(j, "value", item->value);
        g_autofree char *path = item->origin ? dm_origins_path(origins, item->origin) : NULL;
        dm_json_add_string(j, "path", path);
        if (path)
                dm_json_add_int(j, "line", dm_origins_line(origins, item->origin));
        const char *reason = item->origin ? dm_origins_reason(origins, item->origin) : NULL;
        dm_json_add_string(j, "why", reason ? reason : item->why);
        return j;
}

DmJson *dm_offline_explain(const DmOffline *o)
{
        const DmDomain *d = o->plan->domain;
        Explain e = { d->origins, dm_json_array_new(), NULL, g_string_new(NULL), g_string_new(NULL) };
        dm_xml_walk(&dm_domain_element, d, explain_value, &e);
        g_string_free(e.path, TRUE);
        g_string_free(e.attributes, TRUE);
        DmJson *words = dm_json_array_new(), *j = dm_json_object_new();
        for (gsize i = 0; i < dm_command_count(o->command); i++)
                dm_json_append_take(words, explain_word(d->origins, dm_command_at(o->command, i)));
        dm_json_add_take(j, "decisions", e.decisions);
        dm_json_add_take(j, "words", words);
        return j;
}
