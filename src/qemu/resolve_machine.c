/* Rule R6: the machine.  Names are exact; a name of the past stands for the same board, or, with a warning,
 * for its successor, but only when the emulator does not know it itself. */
#include <string.h>

#include "qemu/resolve_private.h"

/* So many of an emulator's machines are named where one must be given. */
#define EXAMPLES_MAX 6

static char *some_machines(const DmCaps *caps)
{
        GString *list = g_string_new(NULL);
        for (guint i = 0; i < caps->machines->len && i < EXAMPLES_MAX; i++) {
                const DmMachine *m = g_ptr_array_index(caps->machines, i);
                g_string_append_printf(list, "%s%s", i ? ", " : "", m->name);
        }
        if (caps->machines->len > EXAMPLES_MAX)
                g_string_append(list, ", …");
        return g_string_free(list, FALSE);
}

static gboolean choose_default(DmResolve *r, GError **error)
{
        DmPlan *p = r->p;
        /* KVM gives an ARM guest the host's CPU, which the board of the default table cannot hold. */
        gboolean arm_kvm = r->want == DM_VIRT_KVM && g_str_has_prefix(p->arch->name, "armv");
        p->machine = arm_kvm ? dm_caps_machine(p->caps, "virt") : NULL;
        if (!p->machine)
                p->machine = dm_board_default_machine(p->arch->name, p->caps);
        if (p->machine) {
                dm_origins_explain(r->d->origins, &r->d->os.machine, "default machine of %s guests%s%s",
                                   p->arch->name, p->machine->alias ? ", alias " : "",
                                   p->machine->alias ? p->machine->alias : "");
                return TRUE;
        }
        g_autofree char *some = some_machines(p->caps);
        return dm_resolve_fail(r, &r->d->os.type, error, DM_ERROR_INVALID_XML,
                               "a machine must be given for arch '%s' (%s has no default): %s", p->arch->name,
                               p->caps->path, some);
}

/* The name among the emulator's that @name was perhaps meant to be; NULL.  Borrowed. */
static const char *nearest(const DmCaps *caps, const char *name)
{
        g_autoptr(GPtrArray) names = g_ptr_array_new();
        for (guint i = 0; i < caps->machines->len; i++) {
                const DmMachine *m = g_ptr_array_index(caps->machines, i);
                g_ptr_array_add(names, m->name);
                if (m->alias)
                        g_ptr_array_add(names, m->alias);
        }
        g_ptr_array_add(names, NULL);
        return dm_nearest_name(name, (const char *const *)names->pdata);
}

static gboolean not_offered(const DmResolve *r, GError **error)
{
        const DmPlan *p = r->p;
        const char *name = r->d->os.machine;
        g_autofree char *who = dm_caps_describe(p->caps);
        g_autoptr(GString) text = g_string_new(NULL);
        g_string_printf(text, "machine '%s' is not offered by %s", name, who);
        const char *near = nearest(p->caps, name);
        /* The others are all asked, which takes a second: only when nothing else helps. */
        g_autofree char *others =
                near ? NULL : dm_emulator_archs_with_machine(r->host, r->source, p->arch, name);
        if (near)
                g_string_append_printf(text, "; did you mean '%s'?", near);
        if (others)
                g_string_append_printf(text, "; '%s' is offered for: %s", name, others);
        if (!near && !others) {
                g_autofree char *some = some_machines(p->caps);
                g_string_append_printf(text, "; it has %s", some);
        }
        return dm_resolve_fail(r, &r->d->os.machine, error, DM_ERROR_UNSUPPORTED, "%s", text->str);
}

/* A name of the past. */
static const DmMachine *substitute(const DmResolve *r, const char *name)
{
        gboolean replaced = FALSE;
        const char *now = dm_board_successor(r->p->arch->name, name, &replaced);
        const DmMachine *m = now ? dm_caps_machine(r->p->caps, now) : NULL;
        if (!m)
                return NULL;
        if (replaced)
                dm_resolve_note(
                        r, DM_SEVERITY_WARNING, &r->d->os.machine,
                        "machine '%s' is not offered any more; '%s', its successor, is used, whose hardware "
                        "differs",
                        name, m->name);
        else
                dm_resolve_note(r, DM_SEVERITY_WARNING, &r->d->os.machine,
                                "machine '%s' is the old name of '%s', which is used", name, m->name);
        dm_origins_explain(r->d->origins, &r->d->os.machine,
                           replaced ? "successor of %s" : "today's name of %s", name);
        return m;
}

static gboolean find_named(DmResolve *r, GError **error)
{
        DmPlan *p = r->p;
        const char *name = r->d->os.machine;
        if (dm_board_unusable(name))
                return dm_resolve_fail(r, &r->d->os.machine, error, DM_ERROR_UNSUPPORTED,
                                       "machine '%s' cannot run a guest", name);
        p->machine = dm_caps_machine(p->caps, name);
        if (!p->machine)
                p->machine = substitute(r, name);
        else if (strcmp(p->machine->name, name) != 0)
                dm_origins_explain(r->d->origins, &r->d->os.machine, "alias %s of %s", name,
                                   p->machine->name);
        if (!p->machine)
                return not_offered(r, error);
        if (p->machine->deprecated)
                dm_resolve_note(r, DM_SEVERITY_NOTE, &r->d->os.machine, "machine '%s' is deprecated by %s",
                                p->machine->name, p->caps->path);
        return TRUE;
}

gboolean dm_resolve_machine(DmResolve *r, GError **error)
{
        const char *name = r->d->os.machine;
        r->machine_given = name && *name;
        if (!(r->machine_given ? find_named(r, error) : choose_default(r, error)))
                return FALSE;
        r->p->board = dm_board_find(r->p->arch->name, r->p->machine->name);
        return TRUE;
}
