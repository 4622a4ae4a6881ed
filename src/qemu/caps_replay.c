/* Recorded probes: reading one as a peer that answers questions, writing one. */
#include "qemu/caps_replay.h"

#include <gio/gio.h>
#include <string.h>

#include "qemu/caps_private.h"
#include "util/error.h"
#include "util/file.h"

#define MAX_FILE_BYTES (64u << 20)
#define MAX_TEXT_BYTES (64u << 20) /* of a compressed one; a recording of today has 1 MB */

/* ---- reading ---- */

typedef struct Replay {
        DmCapsPeer peer;
        GPtrArray *records; /* DmJson */
        gboolean tcg;       /* session 1 is asked first */
} Replay;

static void replay_clear(Replay *r)
{
        if (r->records)
                g_ptr_array_unref(r->records);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Replay, replay_clear)

/* Owned text of a gzip file's bytes. */
static GString *decompress(const char *bytes, gsize length, GError **error)
{
        g_autoptr(GInputStream) source = g_memory_input_stream_new_from_data(bytes, (gssize)length, NULL);
        g_autoptr(GZlibDecompressor) gzip = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP);
        g_autoptr(GInputStream) stream = g_converter_input_stream_new(source, G_CONVERTER(gzip));
        g_autoptr(GString) text = g_string_new(NULL);
        char piece[16384];
        for (;;) {
                gssize n = g_input_stream_read(stream, piece, sizeof(piece), NULL, error);
                if (n < 0)
                        return NULL;
                if (n == 0)
                        return g_steal_pointer(&text);
                if (text->len + (gsize)n > MAX_TEXT_BYTES)
                        return dm_fail_null(error, DM_ERROR_NO_MEMORY, "it has more than %u bytes",
                                            MAX_TEXT_BYTES);
                g_string_append_len(text, piece, n);
        }
}

static gboolean load_lines(Replay *r, const char *text, GError **error)
{
        for (unsigned line = 1; *text; line++) {
                gsize length = strcspn(text, "\n");
                if (length > 0) {
                        DmJson *record = dm_json_parse(text, length, error);
                        if (!record) {
                                g_prefix_error(error, "line %u: ", line);
                                return FALSE;
                        }
                        g_ptr_array_add(r->records, record);
                }
                text += length + (text[length] ? 1 : 0);
        }
        return TRUE;
}

static gboolean load(Replay *r, const char *file, GError **error)
{
        g_autofree char *bytes = NULL;
        gsize length = 0;
        if (!dm_file_read(file, MAX_FILE_BYTES, &bytes, &length, error))
                return FALSE;
        gboolean compressed = length >= 2 && (guchar)bytes[0] == 0x1f && (guchar)bytes[1] == 0x8b;
        g_autoptr(GString) text = compressed ? decompress(bytes, length, error) : g_string_new(bytes);
        if (!text || !load_lines(r, text->str, error)) {
                g_prefix_error(error, "recording '%s': ", file);
                return FALSE;
        }
        return TRUE;
}

static const DmJson *find(const Replay *r, int session, const DmCapsQuestion *q)
{
        for (guint i = 0; i < r->records->len; i++) {
                const DmJson *record = r->records->pdata[i];
                const DmJson *args = dm_json_get(record, "arguments");
                if (dm_json_get_i64(record, "session", 0) == session &&
                    g_strcmp0(dm_json_get_string(record, "execute"), q->command) == 0 &&
                    (args ? dm_json_equal(args, q->args) : !q->args))
                        return record;
        }
        return NULL;
}

/* Both sessions were of one emulator: what only the other was asked holds for this one as well. */
static const DmJson *find_any(const Replay *r, const DmCapsQuestion *q)
{
        const DmJson *record = find(r, r->tcg ? 1 : 0, q);
        return record ? record : find(r, r->tcg ? 0 : 1, q);
}

static DmJson *without_kvm(const DmJson *answer)
{
        DmJson *changed = dm_json_object_new();
        dm_json_add_bool(changed, "enabled", FALSE);
        dm_json_add_bool(changed, "present", dm_json_get_bool(answer, "present", FALSE));
        return changed;
}

static gboolean replay_ask(DmCapsPeer *peer, DmCapsQuestion *questions, gsize n, GError **error G_GNUC_UNUSED)
{
        const Replay *r = (const Replay *)peer;
        for (gsize i = 0; i < n; i++) {
                DmCapsQuestion *q = &questions[i];
                DmJson *answer = dm_json_get(find_any(r, q), "return");
                if (!answer)
                        q->error = g_error_new(DM_ERROR, DM_ERROR_FAILED, "%s: refused, or not recorded",
                                               q->command);
                else if (r->tcg && strcmp(q->command, "query-kvm") == 0)
                        q->answer = without_kvm(answer);
                else
                        q->answer = dm_json_ref(answer);
        }
        return TRUE;
}

static gboolean has_session(const Replay *r, int session)
{
        for (guint i = 0; i < r->records->len; i++)
                if (dm_json_get_i64(r->records->pdata[i], "session", 0) == session)
                        return TRUE;
        return FALSE;
}

/* Each alias becomes a machine of its own, so that its name stays as it was given. */
static void split_aliases(DmCaps *c)
{
        for (guint i = 0; i < c->machines->len; i++) {
                DmMachine *m = g_ptr_array_index(c->machines, i);
                if (!m->alias)
                        continue;
                DmMachine *own = g_new(DmMachine, 1);
                *own = *m;
                own->name = g_steal_pointer(&m->alias);
                own->alias = NULL;
                own->description = g_strdup(m->description);
                own->default_cpu_type = g_strdup(m->default_cpu_type);
                own->default_ram_id = g_strdup(m->default_ram_id);
                m->is_default = FALSE;
                g_ptr_array_insert(c->machines, (gint)i, own);
                i++;
        }
}

DmCaps *dm_caps_replay(const char *file, const char *path, DmReplayFlags flags, GError **error)
{
        g_auto(Replay) r = { .peer.ask = replay_ask,
                             .records = g_ptr_array_new_with_free_func((GDestroyNotify)dm_json_unref),
                             .tcg = (flags & DM_REPLAY_TCG) != 0 };
        g_autoptr(DmCaps) c = dm_caps_new(path);
        DmCapsInquiry inquiry = {};
        if (!load(&r, file, error) || !dm_caps_ask(c, &inquiry, &r.peer, error))
                return NULL;
        if (!dm_caps_is_usable(c))
                return dm_fail_null(
                        error, DM_ERROR_INVALID_ARG,
                        "recording '%s' lacks the answer to query-target, query-machines or qom-list-types",
                        file);
        c->program = g_strdup(path);
        dm_caps_finish(c);
        if (!c->tcg_models && has_session(&r, 1)) {
                r.tcg = TRUE;
                if (!dm_caps_ask_tcg(c, &r.peer, error))
                        return NULL;
        }
        if (flags & DM_REPLAY_NO_ALIASES)
                split_aliases(c);
        return g_steal_pointer(&c);
}

/* ---- writing ---- */

static gboolean recorder_ask(DmCapsPeer *peer, DmCapsQuestion *questions, gsize n, GError **error)
{
        DmCapsRecorder *r = (DmCapsRecorder *)peer;
        gboolean complete = r->asked->ask(r->asked, questions, n, error);
        for (gsize i = 0; i < n; i++) {
                const DmCapsQuestion *q = &questions[i];
                if (!q->answer && !q->error)
                        break;
                g_autoptr(DmJson) line = dm_json_object_new();
                dm_json_add_int(line, "session", r->session);
                dm_json_add_int(line, "seq", r->seq++);
                dm_json_add_string(line, "execute", q->command);
                dm_json_add_take(line, "arguments", dm_json_ref(q->args));
                if (q->answer) {
                        dm_json_add_take(line, "return", dm_json_ref(q->answer));
                } else {
                        DmJson *refusal = dm_json_object_new();
                        dm_json_add_string(refusal, "desc", q->error->message);
                        dm_json_add_take(line, "error", refusal);
                }
                g_autofree char *text = dm_json_to_string(line);
                g_string_append_printf(r->lines, "%s\n", text);
        }
        return complete;
}

DmCapsRecorder dm_caps_recorder(DmCapsPeer *asked, GString *lines, int session)
{
        return (DmCapsRecorder){ { recorder_ask }, asked, lines, session, 0 };
}
