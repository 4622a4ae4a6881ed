/* Threads that define, start, destroy and undefine the same few names at once.
 *
 * Every call is recorded with its interval and outcome.  A checker then looks, name by name, for an order of
 * the calls that explains every outcome: each call takes effect at one moment between its begin and its end
 * (linearisability).  DOMUS_RACE_SECONDS and DOMUS_RACE_THREADS: a longer run (make check-race). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/driver.h"

#define NAMES       10
#define SECONDS     4
#define THREADS     20
#define MAX_PENDING 64 /* calls on one name that overlap: bits of a word */

typedef enum Op { OP_DEFINE, OP_START, OP_DESTROY, OP_UNDEFINE, OP_N } Op;
static const char *const op_names[OP_N] = { "define", "start", "destroy", "undefine" };

/* Outcomes of a call, as the model knows them. */
typedef enum Outcome { OK, BAD_STATE, NOT_FOUND, UNEXPECTED } Outcome;
static const char *const outcome_names[] = { "ok", "bad-state", "not-found", "unexpected" };

typedef struct Call {
        unsigned name;
        Op op;
        Outcome outcome;
        gint64 begin_us, end_us;
        gboolean cut; /* a start that was destroyed before it returned */
} Call;

typedef struct Race {
        DomusConn *conn;
        char *xml[NAMES]; /* each with a uuid of its own */
        gint64 until_us;
        GMutex lock;
        GArray *calls; /* of Call */
        char *unexpected;
} Race;

/* ---- the threads ---- */

static gboolean act(Race *r, Op op, unsigned name, GError **error)
{
        if (op == OP_DEFINE) {
                g_autoptr(DomusDomain) d = domus_define(r->conn, r->xml[name], 0, NULL, error);
                return d != NULL;
        }
        char text[16];
        snprintf(text, sizeof text, "race%u", name);
        g_autoptr(DomusDomain) d = domus_lookup_name(r->conn, text, error);
        if (!d)
                return FALSE;
        if (op == OP_START)
                return domus_domain_start(d, DOMUS_CREATE_PAUSED, NULL, error);
        if (op == OP_DESTROY)
                return domus_domain_destroy(d, 0, NULL, error);
        return domus_domain_undefine(d, NULL, error);
}

static Outcome outcome_of(Race *r, gboolean ok, Op op, const GError *error)
{
        if (ok)
                return OK;
        /* A start that a destroy has cut off has taken effect: the destroy answers for the run. */
        if (op == OP_START && g_error_matches(error, DOMUS_ERROR, DOMUS_ERROR_CANCELLED))
                return OK;
        if (g_error_matches(error, DOMUS_ERROR, DOMUS_ERROR_BAD_STATE))
                return BAD_STATE;
        if (g_error_matches(error, DOMUS_ERROR, DOMUS_ERROR_NOT_FOUND))
                return NOT_FOUND;
        g_mutex_lock(&r->lock);
        if (!r->unexpected)
                r->unexpected = g_strdup_printf("%s: %s", op_names[op], error->message);
        g_mutex_unlock(&r->lock);
        return UNEXPECTED;
}

static gpointer run(gpointer data)
{
        Race *r = data;
        g_autoptr(GRand) rand = g_rand_new();
        while (g_get_monotonic_time() < r->until_us) {
                g_autoptr(GError) error = NULL;
                Call c = { .name = (unsigned)g_rand_int_range(rand, 0, NAMES),
                           .op = (Op)g_rand_int_range(rand, 0, OP_N) };
                c.begin_us = g_get_monotonic_time();
                gboolean ok = act(r, c.op, c.name, &error);
                c.end_us = g_get_monotonic_time();
                c.outcome = outcome_of(r, ok, c.op, error);
                c.cut = !ok && c.outcome == OK;
                g_mutex_lock(&r->lock);
                g_array_append_val(r->calls, c);
                g_mutex_unlock(&r->lock);
                g_autoptr(GPtrArray) list = domus_conn_list(r->conn, NULL); /* readers run along */
                g_assert_nonnull(list);
        }
        return NULL;
}

/* ---- the model of one name ---- */

enum { DEFINED = 1, RUNNING = 2, STATES = 4 };

/* What @op does in @state: the outcome, and the state after it. */
static Outcome model(Op op, unsigned state, unsigned *ret_after)
{
        *ret_after = state;
        if (op == OP_DEFINE) {
                *ret_after = state | DEFINED;
                return OK;
        }
        if (!state)
                return NOT_FOUND;
        if ((op == OP_START) ? (state & RUNNING) != 0
                             : !(state & (op == OP_DESTROY ? (unsigned)RUNNING : (unsigned)DEFINED)))
                return BAD_STATE;
        if (op == OP_START)
                *ret_after = state | RUNNING;
        else
                *ret_after = state & ~(op == OP_DESTROY ? (unsigned)RUNNING : (unsigned)DEFINED);
        return OK;
}

/* ---- the checker ----
 *
 * A configuration is a state of the name and the set of overlapping calls that have taken effect already
 * though they have not returned.  Going through the ends in order of time, all configurations that are
 * possible are kept; none left: no order explains what was seen. */

typedef struct Config {
        guint64 done; /* bits of Checker.pending */
        unsigned state;
} Config;

typedef struct Checker {
        const Call *pending[MAX_PENDING]; /* calls that have begun and not ended; NULL: free place */
        GArray *configs;                  /* of Config */
} Checker;

static void add(GArray *configs, Config c)
{
        for (guint i = 0; i < configs->len; i++) {
                const Config *k = &g_array_index(configs, Config, i);
                if (k->done == c.done && k->state == c.state)
                        return;
        }
        g_array_append_val(configs, c);
}

/* A refusal changes nothing: it may as well be seen as soon as a state explains it. */
static Config with_refusals(const Checker *k, Config c)
{
        for (unsigned p = 0; p < MAX_PENDING; p++) {
                unsigned after;
                const Call *call = k->pending[p];
                if (call && call->outcome != OK && model(call->op, c.state, &after) == call->outcome)
                        c.done |= (guint64)1 << p;
        }
        return c;
}

/* Of the successful calls of a kind that wait to take effect, the one that ends first; MAX_PENDING: none.
 * Equal calls can change places in any order that explains them, so no other needs to be tried. */
static unsigned first_to_end(const Checker *k, const Config *c, Op op)
{
        unsigned first = MAX_PENDING;
        for (unsigned p = 0; p < MAX_PENDING; p++) {
                const Call *call = k->pending[p];
                if (call && call->op == op && call->outcome == OK && !(c->done >> p & 1) &&
                    (first == MAX_PENDING || call->end_us < k->pending[first]->end_us))
                        first = p;
        }
        return first;
}

/* All that can be reached when pending calls take effect, in any number and order. */
static void close_over(Checker *k)
{
        for (guint i = 0; i < k->configs->len; i++) {
                const Config c = g_array_index(k->configs, Config, i);
                for (unsigned op = 0; op < OP_N; op++) {
                        unsigned after, p = first_to_end(k, &c, (Op)op);
                        if (p < MAX_PENDING && model((Op)op, c.state, &after) == OK)
                                add(k->configs,
                                    with_refusals(k, (Config){ c.done | (guint64)1 << p, after }));
                }
        }
}

static void begin_call(Checker *k, unsigned place, const Call *call)
{
        k->pending[place] = call;
        for (guint i = 0; i < k->configs->len; i++) {
                Config *c = &g_array_index(k->configs, Config, i);
                *c = with_refusals(k, *c);
        }
}

static gboolean end_call(Checker *k, unsigned place)
{
        g_autoptr(GArray) left = g_array_new(FALSE, FALSE, sizeof(Config));
        close_over(k);
        for (guint i = 0; i < k->configs->len; i++) {
                Config c = g_array_index(k->configs, Config, i);
                if (!(c.done >> place & 1))
                        continue;
                c.done &= ~((guint64)1 << place);
                add(left, c);
        }
        k->pending[place] = NULL;
        g_array_set_size(k->configs, 0);
        g_array_append_vals(k->configs, left->data, left->len);
        return left->len > 0;
}

typedef struct Moment {
        gint64 us;
        const Call *call;
        gboolean end;
} Moment;

/* Begins before ends at the same microsecond: the more overlap, the more is explicable. */
static int by_time(const void *a, const void *b)
{
        const Moment *x = a, *y = b;
        if (x->us != y->us)
                return x->us < y->us ? -1 : 1;
        return (int)x->end - (int)y->end;
}

static GArray *moments_of(const Race *r, unsigned name)
{
        GArray *moments = g_array_new(FALSE, FALSE, sizeof(Moment));
        for (guint i = 0; i < r->calls->len; i++) {
                const Call *c = &g_array_index(r->calls, Call, i);
                if (c->name != name)
                        continue;
                g_array_append_vals(moments, (Moment[]){ { c->begin_us, c, FALSE }, { c->end_us, c, TRUE } },
                                    2);
        }
        g_array_sort(moments, by_time);
        return moments;
}

static unsigned place_of(const Checker *k, const Call *call)
{
        unsigned p = 0;
        while (p < MAX_PENDING && k->pending[p] != call)
                p++;
        return p;
}

/* The calls of the name at the time of @c. */
static void print_around(const Race *r, const Call *c)
{
        for (guint i = 0; i < r->calls->len; i++) {
                const Call *o = &g_array_index(r->calls, Call, i);
                if (o->name == c->name && o->end_us >= c->begin_us - 200000 && o->begin_us <= c->end_us)
                        g_test_message("%s %7" G_GINT64_FORMAT " … %7" G_GINT64_FORMAT " %s: %s%s",
                                       o == c ? "→" : " ", o->begin_us - c->begin_us, o->end_us - c->begin_us,
                                       op_names[o->op], outcome_names[o->outcome],
                                       o->cut ? " (cut off)" : "");
        }
}

/* FALSE, printing the call that nothing explains; *ret_states: bits of the states it may be in at the end. */
static gboolean check_name(const Race *r, unsigned name, unsigned *ret_states)
{
        g_autoptr(GArray) moments = moments_of(r, name);
        g_autoptr(GArray) configs = g_array_new(FALSE, FALSE, sizeof(Config));
        Checker k = { .configs = configs };
        add(configs, (Config){ 0, 0 });
        for (guint i = 0; i < moments->len; i++) {
                const Moment *m = &g_array_index(moments, Moment, i);
                unsigned place = place_of(&k, m->end ? m->call : NULL);
                g_assert_cmpuint(place, <, MAX_PENDING);
                if (!m->end) {
                        begin_call(&k, place, m->call);
                } else if (!end_call(&k, place)) {
                        g_test_message("race%u: no order explains '%s' of '%s' (call %u)", name,
                                       outcome_names[m->call->outcome], op_names[m->call->op], i / 2);
                        print_around(r, m->call);
                        return FALSE;
                }
        }
        *ret_states = 0;
        for (guint i = 0; i < configs->len; i++)
                *ret_states |= 1u << g_array_index(configs, Config, i).state;
        return TRUE;
}

/* ---- the tests ---- */

static unsigned state_now(const Race *r, unsigned name)
{
        char text[16];
        snprintf(text, sizeof text, "race%u", name);
        DomusInfo info;
        g_autoptr(DomusDomain) d = domus_lookup_name(r->conn, text, NULL);
        if (!d || !domus_domain_info(d, &info, NULL))
                return 0;
        return (info.persistent ? DEFINED : 0u) | (info.id >= 0 ? RUNNING : 0u);
}

static void clean_up(const Race *r, unsigned name)
{
        g_autoptr(GError) error = NULL;
        char text[16];
        snprintf(text, sizeof text, "race%u", name);
        unsigned state = state_now(r, name);
        g_autoptr(DomusDomain) d = domus_lookup_name(r->conn, text, NULL);
        if (state & DEFINED)
                g_assert_true(domus_domain_undefine(d, NULL, &error));
        if (state & RUNNING)
                g_assert_true(domus_domain_destroy(d, 0, NULL, &error));
        g_assert_cmpuint(state_now(r, name), ==, 0);
}

static void report(const Race *r)
{
        unsigned n[OP_N][UNEXPECTED + 1] = { 0 };
        for (guint i = 0; i < r->calls->len; i++) {
                const Call *c = &g_array_index(r->calls, Call, i);
                n[c->op][c->outcome]++;
        }
        for (unsigned op = 0; op < OP_N; op++)
                g_test_message("%s: %u ok, %u bad-state, %u not-found, %u unexpected", op_names[op],
                               n[op][OK], n[op][BAD_STATE], n[op][NOT_FOUND], n[op][UNEXPECTED]);
}

static long setting(const char *name, long fallback)
{
        const char *text = g_getenv(name);
        return text ? MAX(strtol(text, NULL, 10), 1) : fallback;
}

static void test_race(void)
{
        g_autoptr(DmTestDriver) t = dm_test_driver_new();
        Race r = { .conn = t->conn, .calls = g_array_new(FALSE, FALSE, sizeof(Call)) };
        g_mutex_init(&r.lock);
        for (unsigned i = 0; i < NAMES; i++) {
                g_autofree char *uuid = g_uuid_string_random();
                r.xml[i] = g_strdup_printf(
                        "<domain type='qemu'><name>race%u</name><uuid>%s</uuid><memory unit='MiB'>16</memory>"
                        "<os><type arch='x86_64' machine='pc'>hvm</type></os><devices>"
                        "<controller type='usb' model='none'/><memballoon model='none'/></devices></domain>",
                        i, uuid);
        }
        r.until_us = g_get_monotonic_time() + setting("DOMUS_RACE_SECONDS", SECONDS) * G_USEC_PER_SEC;
        g_autoptr(GPtrArray) threads = g_ptr_array_new();
        for (long i = 0; i < setting("DOMUS_RACE_THREADS", THREADS); i++)
                g_ptr_array_add(threads, g_thread_new("race", run, &r));
        for (guint i = 0; i < threads->len; i++)
                g_thread_join(threads->pdata[i]);
        report(&r);
        g_assert_cmpstr(r.unexpected, ==, NULL);
        for (unsigned i = 0; i < NAMES; i++) {
                unsigned possible = 0;
                g_assert_true(check_name(&r, i, &possible));
                g_assert_true(possible >> state_now(&r, i) & 1);
                clean_up(&r, i);
                g_free(r.xml[i]);
        }
        g_array_unref(r.calls);
        g_mutex_clear(&r.lock);
}

/* The checker itself: histories that have an order, and such that have none. */
static void test_checker(void)
{
        static const struct {
                Call calls[4];
                unsigned n;
                gboolean explicable;
        } rows[] = {
                { { { 0, OP_DEFINE, OK, 1, 2 }, { 0, OP_START, OK, 3, 4 } }, 2, TRUE },
                { { { 0, OP_START, OK, 1, 2 }, { 0, OP_DEFINE, OK, 3, 4 } }, 2, FALSE },
                { { { 0, OP_START, OK, 1, 4 }, { 0, OP_DEFINE, OK, 2, 3 } }, 2, TRUE },
                { { { 0, OP_DEFINE, OK, 1, 2 }, { 0, OP_START, OK, 3, 9 }, { 0, OP_START, OK, 4, 8 } },
                  3,
                  FALSE },
                { { { 0, OP_DEFINE, OK, 1, 2 },
                    { 0, OP_START, OK, 3, 9 },
                    { 0, OP_DESTROY, OK, 4, 8 },
                    { 0, OP_START, OK, 5, 7 } },
                  4,
                  TRUE },
                { { { 0, OP_DEFINE, OK, 1, 2 }, { 0, OP_UNDEFINE, NOT_FOUND, 3, 4 } }, 2, FALSE },
                { { { 0, OP_DEFINE, OK, 1, 4 }, { 0, OP_UNDEFINE, NOT_FOUND, 2, 6 } }, 2, TRUE },
                { { { 0, OP_DEFINE, OK, 1, 2 }, { 0, OP_DESTROY, BAD_STATE, 3, 4 } }, 2, TRUE },
                { { { 0, OP_DEFINE, OK, 1, 2 },
                    { 0, OP_START, NOT_FOUND, 3, 9 },
                    { 0, OP_UNDEFINE, OK, 4, 8 },
                    { 0, OP_DEFINE, OK, 5, 6 } },
                  4,
                  TRUE },
                { { { 0, OP_DEFINE, OK, 1, 2 },
                    { 0, OP_START, OK, 3, 4 },
                    { 0, OP_UNDEFINE, OK, 5, 6 },
                    { 0, OP_UNDEFINE, BAD_STATE, 7, 8 } },
                  4,
                  TRUE },
                { { { 0, OP_DEFINE, OK, 1, 2 },
                    { 0, OP_START, OK, 3, 4 },
                    { 0, OP_UNDEFINE, OK, 5, 6 },
                    { 0, OP_DESTROY, BAD_STATE, 7, 8 } },
                  4,
                  FALSE },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                unsigned states;
                Race r = { .calls = g_array_new(FALSE, FALSE, sizeof(Call)) };
                g_array_append_vals(r.calls, rows[i].calls, rows[i].n);
                g_test_message("history %zu", i);
                g_assert_true(check_name(&r, 0, &states) == rows[i].explicable);
                g_array_unref(r.calls);
        }
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/driver/race-outcomes/checker", test_checker);
        g_test_add_func("/driver/race-outcomes/names", test_race);
        return g_test_run();
}
