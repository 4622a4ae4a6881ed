/* The questions of a probe as one table, in rounds from harmless to risky, and what each answer adds to a
 * DmCaps.
 *
 * A question is asked when the emulator lists its command and the row's own condition holds.  An error in
 * answer to a question means "not available"; which of the two reasons it was (not built in, not on this
 * host) does not matter to us. */
#include "qemu/caps_ask.h"

#include <string.h>

#include "qemu/caps_private.h"
#include "util/error.h"

typedef enum Round {
        ROUND_BASE,       /* who are you; every emulator has these */
        ROUND_LISTS,      /* what is built in */
        ROUND_PROPERTIES, /* instantiates types: the one that may kill */
        ROUND_N
} Round;

typedef struct Row {
        Round round;
        const char *command;
        const char *args; /* JSON, nullable */
        gboolean (*needed)(const DmCaps *c);
        void (*take)(DmCaps *c, const DmJson *answer);
} Row;

static gboolean target_in(const DmCaps *c, const char *targets)
{
        g_auto(GStrv) all = g_strsplit(targets, " ", -1);
        return c->target && g_strv_contains((const char *const *)all, c->target);
}

static gboolean has_static_host(const DmCaps *c)
{
        return c->kvm_enabled && target_in(c, "i386 x86_64 s390x");
}

static gboolean has_full_host(const DmCaps *c)
{
        return c->kvm_enabled && target_in(c, "arm aarch64");
}

/* ---- answers ---- */

static void take_version(DmCaps *c, const DmJson *answer)
{
        const DmJson *v = dm_json_get(answer, "qemu");
        gint64 parts[3] = { dm_json_get_i64(v, "major", 0), dm_json_get_i64(v, "minor", 0),
                            dm_json_get_i64(v, "micro", 0) };
        for (int i = 0; i < 3; i++)
                parts[i] = CLAMP(parts[i], 0, 999); /* as DM_QEMU_VERSION has room for */
        dm_caps_set_version(c, (unsigned)parts[0], (unsigned)parts[1], (unsigned)parts[2],
                            dm_json_get_string(answer, "package"));
}

static void take_target(DmCaps *c, const DmJson *answer)
{
        g_free(c->target);
        c->target = g_strdup(dm_json_get_string(answer, "arch"));
}

static void take_kvm(DmCaps *c, const DmJson *answer)
{
        c->kvm_enabled = dm_json_get_bool(answer, "enabled", FALSE);
        if (dm_json_get_bool(answer, "present", FALSE))
                dm_caps_add_accel(c, DM_ACCEL_KVM);
}

static void take_commands(DmCaps *c, const DmJson *answer)
{
        for (gsize i = 0; i < dm_json_length(answer); i++) {
                const char *name = dm_json_get_string(dm_json_at(answer, i), "name");
                if (name)
                        dm_caps_add(c->commands, name);
        }
}

static void take_machines(DmCaps *c, const DmJson *answer)
{
        g_ptr_array_unref(c->machines);
        c->machines = dm_machines_read(answer);
}

/* "kvm-accel" → DM_ACCEL_KVM; DM_ACCEL_N for what is no accelerator of ours (qtest). */
static DmAccel accel_of_type(const char *type)
{
        for (DmAccel a = 0; a < DM_ACCEL_N; a++) {
                const char *name = dm_accel_name(a);
                if (g_str_has_prefix(type, name) && strcmp(type + strlen(name), "-accel") == 0)
                        return a;
        }
        return DM_ACCEL_N;
}

/* Accelerators are types since QEMU 5.0.  Before that query-kvm is all that is known, and tcg was always
 * there. */
static void take_types(DmCaps *c, const DmJson *answer)
{
        unsigned accels = 0;
        for (gsize i = 0; i < dm_json_length(answer); i++) {
                const char *name = dm_json_get_string(dm_json_at(answer, i), "name");
                if (!name)
                        continue;
                dm_caps_add(c->types, name);
                DmAccel a = accel_of_type(name);
                if (a < DM_ACCEL_N)
                        accels |= 1u << a;
        }
        if (accels)
                c->accels = accels;
        else
                dm_caps_add_accel(c, DM_ACCEL_TCG);
}

static void take_options(DmCaps *c, const DmJson *answer)
{
        for (gsize i = 0; i < dm_json_length(answer); i++) {
                const DmJson *option = dm_json_at(answer, i);
                const char *name = dm_json_get_string(option, "option");
                const DmJson *parameters = dm_json_get(option, "parameters");
                for (gsize p = 0; name && p < dm_json_length(parameters); p++) {
                        const char *parameter = dm_json_get_string(dm_json_at(parameters, p), "name");
                        if (parameter)
                                dm_caps_add_feature(c, name, ':', parameter);
                }
        }
}

static void take_migration(DmCaps *c, const DmJson *answer)
{
        for (gsize i = 0; i < dm_json_length(answer); i++) {
                const char *name = dm_json_get_string(dm_json_at(answer, i), "capability");
                if (name)
                        dm_caps_add_feature(c, "migration", ':', name);
        }
}

static void take_cpu_models(DmCaps *c, const DmJson *answer)
{
        g_ptr_array_unref(c->cpu_models);
        c->cpu_models = dm_cpu_models_read(answer);
}

static void keep(DmJson **place, const DmJson *answer)
{
        dm_json_unref(*place);
        *place = dm_json_ref((DmJson *)answer); /* nobody else keeps it */
}

static void take_tpm_models(DmCaps *c, const DmJson *answer)
{
        keep(&c->tpm_models, answer);
}

static void take_tpm_types(DmCaps *c, const DmJson *answer)
{
        keep(&c->tpm_types, answer);
}

static void take_gic(DmCaps *c, const DmJson *answer)
{
        keep(&c->gic, answer);
}

static void take_sev(DmCaps *c, const DmJson *answer)
{
        keep(&c->sev, answer);
}

static void take_sgx(DmCaps *c, const DmJson *answer)
{
        keep(&c->sgx, answer);
}

static void take_host_model(DmCaps *c, const DmJson *answer)
{
        keep(&c->host_model, answer);
}

/* Properties are listed without the default values: what counts is that they are there. */
static void take_properties(DmCaps *c, const char *scope, const DmJson *answer)
{
        for (gsize i = 0; i < dm_json_length(answer); i++) {
                const char *name = dm_json_get_string(dm_json_at(answer, i), "name");
                if (name)
                        dm_caps_add_feature(c, scope, '.', name);
        }
}

/* ---- the table ---- */

#define EXPANSION(type, model) "{\"type\":\"" type "\",\"model\":{\"name\":\"" model "\"}}"

static const Row rows[] = {
        { ROUND_BASE, "query-version", NULL, NULL, take_version },
        { ROUND_BASE, "query-target", NULL, NULL, take_target },
        { ROUND_BASE, "query-kvm", NULL, NULL, take_kvm },
        { ROUND_BASE, "query-commands", NULL, NULL, take_commands },
        { ROUND_BASE, "query-machines", NULL, NULL, take_machines },
        { ROUND_BASE, "qom-list-types", NULL, NULL, take_types }, /* loads all modules */
        { ROUND_LISTS, "query-command-line-options", NULL, NULL, take_options },
        { ROUND_LISTS, "query-migrate-capabilities", NULL, NULL, take_migration },
        { ROUND_LISTS, "query-tpm-models", NULL, NULL, take_tpm_models },
        { ROUND_LISTS, "query-tpm-types", NULL, NULL, take_tpm_types },
        { ROUND_LISTS, "query-qmp-schema", NULL, NULL, dm_caps_take_schema },
        { ROUND_LISTS, "query-gic-capabilities", NULL, NULL, take_gic },
        { ROUND_LISTS, "query-sev-capabilities", NULL, NULL, take_sev },
        { ROUND_LISTS, "query-sgx-capabilities", NULL, NULL, take_sgx },
        { ROUND_LISTS, "query-cpu-definitions", NULL, NULL, take_cpu_models },
        { ROUND_LISTS, "query-cpu-model-expansion", EXPANSION("static", "host"), has_static_host,
          take_host_model },
        { ROUND_LISTS, "query-cpu-model-expansion", EXPANSION("full", "host"), has_full_host,
          take_host_model },
};

G_STATIC_ASSERT(G_N_ELEMENTS(rows) + DM_PROP_TYPES_MAX <= DM_CAPS_QUESTIONS_MAX);

/* ---- asking ---- */

typedef struct Asked {
        DmCapsQuestion question;
        guint index;             /* into DmCapsInquiry.settled */
        const Row *row;          /* or */
        const DmPropType *props; /* exactly one of the two */
} Asked;

static void questions_clear(DmCapsQuestion *q, gsize n)
{
        for (gsize i = 0; i < n; i++) {
                dm_json_unref(q[i].args);
                dm_json_unref(q[i].answer);
                g_clear_error(&q[i].error);
        }
}

static DmJson *typename_args(const char *type)
{
        DmJson *args = dm_json_object_new();
        dm_json_add_string(args, "typename", type);
        return args;
}

/* The QOM type that @p means in this emulator, NULL when it has none.  Owned. */
static char *prop_type(const DmCaps *c, const DmPropType *p)
{
        g_autofree char *type = g_strdup(p->type);
        if (p->query == DM_PROP_MACHINE) {
                g_autofree char *family = g_strndup(p->type, strlen(p->type) - strlen("-machine"));
                const DmMachine *newest = dm_caps_machine(c, family);
                if (!newest)
                        return NULL;
                g_free(type);
                type = g_strconcat(newest->name, "-machine", NULL);
        }
        return dm_caps_has_type(c, type) ? g_steal_pointer(&type) : NULL;
}

static void plan_properties(const DmCaps *c, const DmCapsInquiry *inquiry, GArray *plan)
{
        for (guint i = 0; dm_prop_types[i].type; i++) {
                const DmPropType *p = &dm_prop_types[i];
                guint index = G_N_ELEMENTS(rows) + i;
                const char *command =
                        p->query == DM_PROP_DEVICE ? "device-list-properties" : "qom-list-properties";
                g_assert(i < DM_PROP_TYPES_MAX);
                if (inquiry->settled[index] || !dm_caps_has_command(c, command) ||
                    (p->target && !target_in(c, p->target)))
                        continue;
                g_autofree char *type = prop_type(c, p);
                if (!type)
                        continue;
                Asked a = { { .command = command, .args = typename_args(type) }, index, NULL, p };
                g_array_append_val(plan, a);
        }
}

static void plan_rows(const DmCaps *c, const DmCapsInquiry *inquiry, Round round, GArray *plan)
{
        for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
                const Row *row = &rows[i];
                if (row->round != round || inquiry->settled[i] ||
                    (round != ROUND_BASE && !dm_caps_has_command(c, row->command)) ||
                    (row->needed && !row->needed(c)))
                        continue;
                DmJson *args = row->args ? dm_json_parse(row->args, strlen(row->args), NULL) : NULL;
                Asked a = { { .command = row->command, .args = args }, i, row, NULL };
                g_array_append_val(plan, a);
        }
}

static void take(DmCaps *c, const Asked *a, const DmJson *answer)
{
        if (!answer)
                return;
        if (a->row)
                a->row->take(c, answer);
        else
                take_properties(c, a->props->type, answer);
}

/* One round: TRUE when all was answered. */
static gboolean ask_round(DmCaps *c, DmCapsInquiry *inquiry, GArray *plan, DmCapsPeer *peer, GError **error)
{
        if (plan->len == 0)
                return TRUE;
        g_autofree DmCapsQuestion *questions = g_new0(DmCapsQuestion, plan->len);
        for (guint i = 0; i < plan->len; i++)
                questions[i] = g_array_index(plan, Asked, i).question;
        gboolean complete = peer->ask(peer, questions, plan->len, error);
        for (guint i = 0; i < plan->len; i++) {
                const Asked *a = &g_array_index(plan, Asked, i);
                gboolean answered = questions[i].answer || questions[i].error;
                take(c, a, questions[i].answer);
                inquiry->settled[a->index] = TRUE;
                if (!answered) {
                        inquiry->lost = TRUE; /* this is what it died of; those after it were not reached */
                        break;
                }
        }
        questions_clear(questions, plan->len);
        return complete;
}

gboolean dm_caps_ask(DmCaps *c, DmCapsInquiry *inquiry, DmCapsPeer *peer, GError **error)
{
        for (Round round = 0; round < ROUND_N; round++) {
                g_autoptr(GArray) plan = g_array_new(FALSE, FALSE, sizeof(Asked));
                if (round == ROUND_PROPERTIES)
                        plan_properties(c, inquiry, plan);
                else
                        plan_rows(c, inquiry, round, plan);
                if (!ask_round(c, inquiry, plan, peer, error))
                        return FALSE;
        }
        return TRUE;
}

gboolean dm_caps_is_usable(const DmCaps *c)
{
        return c->target && c->machines->len > 0 && g_hash_table_size(c->types) > 0;
}

gboolean dm_caps_ask_tcg(DmCaps *c, DmCapsPeer *peer, GError **error)
{
        const char *expansion =
                target_in(c, "arm aarch64") ? EXPANSION("full", "max") : EXPANSION("static", "max");
        DmCapsQuestion questions[] = {
                { .command = "query-cpu-definitions" },
                { .command = "query-cpu-model-expansion",
                  .args = dm_json_parse(expansion, strlen(expansion), NULL) },
        };
        gboolean complete = peer->ask(peer, questions, G_N_ELEMENTS(questions), error);
        if (complete) {
                c->tcg_models = dm_cpu_models_read(questions[0].answer);
                c->tcg_model = g_steal_pointer(&questions[1].answer);
        }
        questions_clear(questions, G_N_ELEMENTS(questions));
        return complete;
}

gboolean dm_caps_ask_machine(DmCaps *c, const char *machine, DmCapsPeer *peer, GError **error)
{
        g_autofree char *type = g_strconcat(machine, "-machine", NULL);
        DmCapsQuestion question = { .command = "qom-list-properties", .args = typename_args(type) };
        gboolean complete = peer->ask(peer, &question, 1, error);
        if (complete && question.answer)
                take_properties(c, type, question.answer);
        else if (complete)
                complete = dm_fail(error, DM_ERROR_UNSUPPORTED, "%s", question.error->message);
        questions_clear(&question, 1);
        return complete;
}

void dm_caps_ask_describe(GString *text)
{
        for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
                g_string_append_printf(text, "%s %s\n", rows[i].command, rows[i].args ? rows[i].args : "");
        for (const DmPropType *p = dm_prop_types; p->type; p++)
                g_string_append_printf(text, "%s %d %s\n", p->type, (int)p->query,
                                       p->target ? p->target : "");
        dm_caps_schema_describe(text);
}
