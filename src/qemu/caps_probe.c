/* A probe: which starts it takes, and what is kept of one that goes wrong.
 *
 * One start with kvm and tcg answers everything.  When an emulator dies before it has said what it is, it
 * gets another start with tcg alone, one with kvm alone, one with qtest (which is always there: a binary that
 * has kvm only tells what it is where kvm cannot be used), and in the end is taken for one that knows no QMP.
 * When it dies later, the question that it died of is left out and the others are asked by another start:
 * what is missing is marked as partial. */
#include "qemu/caps_probe.h"

#include "qemu/caps_help.h"
#include "qemu/caps_private.h"
#include "qemu/caps_replay.h"
#include "qemu/caps_start.h"
#include "util/error.h"

#define HELP_MS    3000
#define STARTS_MAX 4 /* of one accelerator: three questions may be deadly */

typedef struct Probe {
        const char *path;
        const DmProbeOptions *options;
        DmProbeHome home;
        gint64 deadline_us;
        gboolean greeted; /* it does speak QMP */
} Probe;

static void probe_clear(Probe *p)
{
        dm_probe_home_clear(&p->home);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Probe, probe_clear)

static int limit_ms(const DmProbeOptions *options)
{
        return options->limit_ms ? options->limit_ms : DM_PROBE_LIMIT_MS;
}

static gboolean probe_init(Probe *p, const char *path, const DmProbeOptions *options, GError **error)
{
        *p = (Probe){ .path = path, .options = options };
        p->deadline_us = g_get_monotonic_time() + (gint64)limit_ms(options) * 1000;
        if (!g_path_is_absolute(path))
                return dm_fail(error, DM_ERROR_INVALID_ARG, "emulator '%s' is no absolute path", path);
        return dm_probe_home_init(&p->home, options, error);
}

/* ---- one start ---- */

static DmEmulator *start(Probe *p, const char *accel, gboolean *ret_again, GError **error)
{
        DmEmulator *e =
                dm_emulator_start(p->path, accel, &p->home, p->options, p->deadline_us, ret_again, error);
        p->greeted = p->greeted || e;
        return e;
}

/* Who is asked: the emulator itself, or, when somebody wants a recording, the recorder in front of it. */
static DmCapsPeer *peer_of(DmEmulator *e, const Probe *p, int session, DmCapsRecorder *recorder)
{
        if (!p->options->record)
                return &e->peer;
        *recorder = dm_caps_recorder(&e->peer, p->options->record, session);
        return &recorder->peer;
}

static void look_at(DmCaps *c, const DmEmulator *e)
{
        if (!c->program)
                c->program = dm_emulator_program(e);
        g_strfreev(c->module_dirs);
        c->module_dirs = dm_emulator_module_dirs(e, c->program);
}

/* Starts until all is asked, or nothing more can be had: FALSE with the reason, and @c has what was answered.
 * *ret_again: another accelerator may do better. */
static gboolean ask_all(Probe *p, DmCaps *c, const char *accel, gboolean *ret_again, GError **error)
{
        DmCapsInquiry inquiry = {};
        for (int starts = 1;; starts++) {
                g_autoptr(GError) reason = NULL;
                DmCapsRecorder recorder;
                g_autoptr(DmEmulator) e = start(p, accel, ret_again, error);
                if (!e)
                        return FALSE;
                look_at(c, e);
                gboolean complete = dm_caps_ask(c, &inquiry, peer_of(e, p, 0, &recorder), &reason);
                c->partial = inquiry.lost;
                if (complete) {
                        look_at(c, e); /* listing the types has loaded every module */
                        return TRUE;
                }
                gboolean late = g_error_matches(reason, DM_ERROR, DM_ERROR_TIMED_OUT);
                *ret_again = !late;
                if (late || starts == STARTS_MAX)
                        return dm_fail(error, late ? DM_ERROR_TIMED_OUT : DM_ERROR_UNSUPPORTED,
                                       "%s did not answer as QEMU: %s", p->path, reason->message);
        }
}

/* ---- the whole ---- */

static DmCaps *probe_qmp(Probe *p, gboolean *ret_final, GError **error)
{
        static const char *const accels[] = { "kvm:tcg", "tcg", "kvm", "qtest" };
        g_autoptr(GError) first = NULL;
        for (guint i = 0; i < G_N_ELEMENTS(accels) && !*ret_final; i++) {
                g_autoptr(GError) reason = NULL;
                g_autoptr(DmCaps) c = dm_caps_new(p->path);
                gboolean again = TRUE;
                gboolean complete = ask_all(p, c, accels[i], &again, &reason);
                if (dm_caps_is_usable(c)) {
                        dm_caps_finish(c);
                        return g_steal_pointer(&c);
                }
                if (complete)
                        dm_fail(&reason, DM_ERROR_UNSUPPORTED,
                                "%s did not answer as QEMU: it did not tell its target, machines and types",
                                p->path);
                *ret_final = !again;
                if (!first)
                        first = g_steal_pointer(&reason);
        }
        g_propagate_error(error, g_steal_pointer(&first));
        return NULL;
}

DmCaps *dm_caps_probe(const char *path, const DmProbeOptions *options, GError **error)
{
        g_auto(Probe) p = {};
        g_autoptr(GError) reason = NULL;
        gboolean final = FALSE;
        if (!probe_init(&p, path, options, error))
                return NULL;
        g_autoptr(DmCaps) c = probe_qmp(&p, &final, &reason);
        if (!c && !p.greeted && !final) {
                DmSpawn spawn = dm_probe_spawn(&p.home, options);
                gint64 left_ms = (p.deadline_us - g_get_monotonic_time()) / 1000;
                c = dm_caps_probe_help(path, &spawn, (int)CLAMP(left_ms, 1, HELP_MS),
                                       NULL); /* @reason says more */
        }
        if (!c)
                g_propagate_error(error, g_steal_pointer(&reason));
        return g_steal_pointer(&c);
}

/* ---- later questions ---- */

DmCaps *dm_caps_probe_tcg(const DmCaps *caps, const DmProbeOptions *options, GError **error)
{
        g_auto(Probe) p = {};
        DmCapsRecorder recorder;
        if (caps->tcg_models)
                return dm_caps_ref(caps);
        if (!dm_caps_has_accel(caps, DM_ACCEL_TCG))
                return dm_fail_null(error, DM_ERROR_UNSUPPORTED, "emulator '%s' has no tcg", caps->path);
        if (!probe_init(&p, caps->path, options, error))
                return NULL;
        g_autoptr(DmEmulator) e = start(&p, "tcg", NULL, error);
        g_autoptr(DmCaps) more = dm_caps_view(caps, NULL);
        if (!e)
                return NULL;
        if (!dm_caps_ask_tcg(more, peer_of(e, &p, 1, &recorder), error)) {
                g_prefix_error(error, "%s with tcg alone: ", caps->path);
                return NULL;
        }
        return g_steal_pointer(&more);
}

DmCaps *dm_caps_probe_machine(const DmCaps *caps, const char *machine, const DmProbeOptions *options,
                              GError **error)
{
        g_auto(Probe) p = {};
        DmCapsRecorder recorder;
        if (caps->help_era)
                return dm_fail_null(error, DM_ERROR_UNSUPPORTED,
                                    "emulator '%s' (QEMU %s) does not tell options of machines", caps->path,
                                    caps->version_text);
        if (!probe_init(&p, caps->path, options, error))
                return NULL;
        g_autoptr(DmEmulator) e = start(&p, "kvm:tcg", NULL, error);
        g_autoptr(DmCaps) more = dm_caps_view(caps, NULL);
        more->features = dm_caps_set_copy(caps->features);
        if (!e)
                return NULL;
        if (!dm_caps_ask_machine(more, machine, peer_of(e, &p, 0, &recorder), error)) {
                g_prefix_error(error, "%s asked for machine '%s': ", caps->path, machine);
                return NULL;
        }
        return g_steal_pointer(&more);
}
