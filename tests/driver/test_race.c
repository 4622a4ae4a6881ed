/* Many threads define, start, destroy and undefine the same few guests; what happened is checked afterwards.
 *
 * Every event has a number, so the bus tells one order of everything.  In it each guest's life must make
 * sense: it starts when it stands, stops when it runs, is undefined when it was defined, and two guests never
 * have the same name.  Every call that succeeded must be among the events, and no others.  `make check-race`
 * sets DOMUS_SECONDS. */
#include <string.h>

#include "lib/driver.h"

#define N_THREADS 100
#define N_NAMES   10

typedef enum Op { OP_DEFINE, OP_START, OP_DESTROY, OP_UNDEFINE, OP_READ, N_OPS } Op;

static const char *const op_names[N_OPS] = { "define", "start", "destroy", "undefine", "read" };

typedef struct Race {
        DomusConn *conn;
        char *documents[N_NAMES]; /* without uuid */
        gint64 until;
        gint done[N_OPS], refused[N_OPS]; /* atomic */
} Race;

/* ---- what happened ---- */

typedef struct Record {
        guint64 epoch, sequence;
        DomusEventType type;
        int detail;
        char *uuid, *name;
} Record;

static void record_clear(gpointer p)
{
        Record *r = p;
        g_free(r->uuid);
        g_free(r->name);
}

static void on_event(DomusConn *conn G_GNUC_UNUSED, const DomusEvent *e, void *data)
{
        Record r = { e->epoch,
                     e->sequence,
                     e->type,
                     e->detail,
                     g_strdup(domus_domain_uuid(e->domain)),
                     g_strdup(domus_domain_name(e->domain)) };
        g_array_append_val((GArray *)data, r);
}

typedef struct Life {
        gboolean defined, running;
        char *name; /* borrowed */
} Life;

static gboolean lives(const Life *l)
{
        return l->defined || l->running;
}

/* Nobody else alive has the name. */
static void check_name(GHashTable *all, const Record *r)
{
        GHashTableIter iter;
        gpointer key, value;
        g_hash_table_iter_init(&iter, all);
        while (g_hash_table_iter_next(&iter, &key, &value))
                if (strcmp(key, r->uuid) != 0 && lives(value) && strcmp(((Life *)value)->name, r->name) == 0)
                        g_error("event %" G_GUINT64_FORMAT ": two guests are called '%s': %s and %s",
                                r->sequence, r->name, r->uuid, (char *)key);
}

#define MUST(condition, r)                                                                                   \
        do {                                                                                                 \
                if (!(condition))                                                                            \
                        g_error("event %" G_GUINT64_FORMAT " (%s, %d) of '%s' %s: not %s", (r)->sequence,    \
                                domus_event_name((r)->type), (r)->detail, (r)->name, (r)->uuid, #condition); \
        } while (0)

static void apply(GHashTable *all, const Record *r, guint *counts)
{
        Life *l = g_hash_table_lookup(all, r->uuid);
        if (!l) {
                l = g_new0(Life, 1);
                l->name = r->name;
                g_hash_table_insert(all, r->uuid, l);
        }
        counts[r->type]++;
        switch (r->type) {
        case DOMUS_EVENT_DEFINED:
                MUST(l->defined == (r->detail == 1), r); /* 0: added, 1: updated */
                check_name(all, r);
                l->defined = TRUE;
                break;
        case DOMUS_EVENT_UNDEFINED:
                MUST(l->defined, r);
                l->defined = FALSE;
                break;
        case DOMUS_EVENT_STARTED:
                MUST(l->defined && !l->running, r);
                l->running = TRUE;
                break;
        case DOMUS_EVENT_STOPPED:
                MUST(l->running, r);
                l->running = FALSE;
                break;
        case DOMUS_EVENT_SUSPENDED:
                MUST(l->running, r);
                break;
        case DOMUS_EVENT_RESUMED:
        case DOMUS_EVENT_SHUTDOWN:
        case DOMUS_EVENT_PMSUSPENDED:
        case DOMUS_EVENT_CRASHED:
        case DOMUS_EVENT_REBOOT:
        case DOMUS_EVENT_WATCHDOG:
        case DOMUS_EVENT_RTC_CHANGE:
        case DOMUS_EVENT_BALLOON_CHANGE:
        case DOMUS_EVENT_UNRESPONSIVE:
        case DOMUS_EVENT_IO_ERROR:
                break;
        }
}

static void check_history(const Race *race, GArray *records)
{
        guint counts[DOMUS_EVENT_IO_ERROR + 1] = { 0 };
        g_autoptr(GHashTable) all = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
        for (guint i = 0; i < records->len; i++) {
                const Record *r = &g_array_index(records, Record, i);
                g_assert_cmpuint(r->sequence, ==, g_array_index(records, Record, 0).sequence + i);
                apply(all, r, counts);
        }
        GHashTableIter iter;
        gpointer value;
        g_hash_table_iter_init(&iter, all);
        while (g_hash_table_iter_next(&iter, NULL, &value))
                g_assert_false(lives(value)); /* all were ended at the end */
        g_assert_cmpuint(counts[DOMUS_EVENT_DEFINED], ==, race->done[OP_DEFINE]);
        g_assert_cmpuint(counts[DOMUS_EVENT_STARTED], ==, race->done[OP_START]);
        g_assert_cmpuint(counts[DOMUS_EVENT_UNDEFINED], ==, race->done[OP_UNDEFINE]);
        g_assert_cmpuint(counts[DOMUS_EVENT_STOPPED], ==,
                         race->done[OP_START]); /* each start has ended once */
        g_assert_cmpuint(counts[DOMUS_EVENT_STOPPED], >, 0);
}

/* ---- the race ---- */

/* What may happen to a call because of what others do meanwhile. */
static gboolean is_fair(Op op, const GError *e)
{
        static const guint fair[N_OPS] = {
                [OP_DEFINE] = 1u << DOMUS_ERROR_EXISTS,
                [OP_START] = 1u << DOMUS_ERROR_NOT_FOUND | 1u << DOMUS_ERROR_BAD_STATE |
                             1u << DOMUS_ERROR_CANCELLED,
                [OP_DESTROY] = 1u << DOMUS_ERROR_NOT_FOUND | 1u << DOMUS_ERROR_BAD_STATE,
                [OP_UNDEFINE] = 1u << DOMUS_ERROR_NOT_FOUND | 1u << DOMUS_ERROR_BAD_STATE,
                [OP_READ] = 1u << DOMUS_ERROR_NOT_FOUND,
        };
        return e->domain == DOMUS_ERROR && (fair[op] & (1u << e->code));
}

static gboolean run_op(const Race *race, Op op, guint which, GError **error)
{
        g_autofree char *name = g_strdup_printf("race%u", which);
        g_autoptr(DomusDomain) d = op == OP_DEFINE
                                           ? domus_define(race->conn, race->documents[which], 0, NULL, error)
                                           : domus_lookup_name(race->conn, name, error);
        DomusInfo info;
        if (!d)
                return FALSE;
        switch (op) {
        case OP_DEFINE:
                return TRUE;
        case OP_START:
                return domus_domain_start(d, DOMUS_CREATE_PAUSED, NULL, error);
        case OP_DESTROY:
                return domus_domain_destroy(d, DOMUS_DESTROY_FORCE, NULL, error);
        case OP_UNDEFINE:
                return domus_domain_undefine(d, NULL, error);
        case OP_READ:
                return domus_domain_info(d, &info, error);
        case N_OPS:
                break;
        }
        g_assert_not_reached();
}

static gpointer run_thread(gpointer data)
{
        Race *race = data;
        g_autoptr(GRand) rand = g_rand_new();
        while (g_get_monotonic_time() < race->until) {
                g_autoptr(GError) error = NULL;
                Op op = (Op)g_rand_int_range(rand, 0, N_OPS);
                if (run_op(race, op, (guint)g_rand_int_range(rand, 0, N_NAMES), &error))
                        g_atomic_int_inc(&race->done[op]);
                else if (is_fair(op, error))
                        g_atomic_int_inc(&race->refused[op]);
                else
                        g_error("%s: %s: %s", op_names[op], domus_error_name(error), error->message);
        }
        return NULL;
}

/* By the same operations, so that they count. */
static void end_all(Race *race)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) list = domus_conn_list(race->conn, &error);
        for (guint i = 0; i < list->len; i++) {
                DomusInfo info;
                g_assert_true(domus_domain_info(list->pdata[i], &info, &error));
                if (info.id >= 0)
                        g_assert_true(
                                domus_domain_destroy(list->pdata[i], DOMUS_DESTROY_FORCE, NULL, &error));
                if (!info.persistent)
                        continue;
                g_assert_true(domus_domain_undefine(list->pdata[i], NULL, &error));
                race->done[OP_UNDEFINE]++;
        }
}

static gboolean prepare(Race *race, DmTestDriver *t)
{
        for (guint i = 0; i < N_NAMES; i++) {
                g_autofree char *name = g_strdup_printf("race%u", i);
                race->documents[i] = dm_test_xml(t, "x86_64-pc", name);
                if (!race->documents[i])
                        return FALSE;
        }
        return TRUE;
}

static void assert_nothing_stored(DmTestDriver *t)
{
        g_autofree char *path = g_build_filename(t->root, "r", "domains", NULL);
        g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
        g_assert_cmpstr(dir ? g_dir_read_name(dir) : NULL, ==, NULL);
}

static void test_race(void)
{
        const char *seconds = g_getenv("DOMUS_SECONDS");
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        g_autoptr(GArray) records = g_array_new(FALSE, FALSE, sizeof(Record));
        g_array_set_clear_func(records, record_clear);
        Race race = { .conn = t->conn };
        if (prepare(&race, t)) {
                guint id = domus_events_add(t->conn, NULL, on_event, records, NULL, NULL);
                race.until = g_get_monotonic_time() +
                             (gint64)((seconds ? g_ascii_strtod(seconds, NULL) : 5) * G_USEC_PER_SEC);
                GThread *threads[N_THREADS];
                for (int i = 0; i < N_THREADS; i++)
                        threads[i] = g_thread_new("racer", run_thread, &race);
                for (int i = 0; i < N_THREADS; i++)
                        g_thread_join(threads[i]);
                end_all(&race);
                while (g_main_context_iteration(NULL, FALSE))
                        ;
                domus_events_remove(t->conn, id);
                for (int i = 0; i < N_OPS; i++)
                        g_test_message("%s: %d done, %d refused", op_names[i], race.done[i], race.refused[i]);
                check_history(&race, records);
                assert_nothing_stored(t);
        }
        for (int i = 0; i < N_NAMES; i++)
                g_free(race.documents[i]);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        dm_test_add_both("/driver/race", "ten-names", test_race);
        return g_test_run();
}
