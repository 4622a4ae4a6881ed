/* libvirt's namespace for QEMU: words, variables and properties that are passed by. */
#include "qemu/build_private.h"

#include <string.h>

#include "conf/domain_qemu.h"

void dm_build_passed_environment(DmBuild *b)
{
        const DmQemuCommandline *q = b->plan->domain->qemu_commandline;
        for (guint i = 0; q && q->env && i < q->env->len; i++) {
                const DmQemuArg *e = g_ptr_array_index(q->env, i);
                dm_command_env(b->command, e->name, e->value ? e->value : "");
        }
}

void dm_build_passed_words(DmBuild *b)
{
        const DmQemuCommandline *q = b->plan->domain->qemu_commandline;
        for (guint i = 0; q && q->args && i < q->args->len; i++) {
                const DmQemuArg *a = g_ptr_array_index(q->args, i);
                dm_command_add(b->command, a, NULL, a->value, NULL);
        }
}

void dm_build_deprecation(DmBuild *b)
{
        static const struct {
                const char *output, *input;
        } policies[] = {
                [DM_DEPRECATION_OMIT] = { "hide", NULL },
                [DM_DEPRECATION_REJECT] = { "hide", "reject" },
                [DM_DEPRECATION_CRASH] = { "hide", "crash" },
        };
        const DmQemuDeprecated *d = b->plan->domain->qemu_deprecation;
        if (!d || (gsize)d->behavior >= G_N_ELEMENTS(policies) || !policies[d->behavior].output ||
            b->plan->caps->version < DM_QEMU_VERSION(6, 0, 0))
                return;
        g_autoptr(DmJson) policy = dm_json_object_new();
        dm_json_add_string(policy, "deprecated-output", policies[d->behavior].output);
        dm_json_add_string(policy, "deprecated-input", policies[d->behavior].input);
        g_autofree char *text = dm_json_to_string(policy);
        dm_command_add(b->command, &d->behavior, NULL, "-compat", text);
}

/* ---- properties ---- */

static void override(DmJson *props, const DmQemuProperty *p)
{
        gint64 number = 0;
        guint64 natural = 0;
        switch (p->type) {
        case DM_PROPERTY_STRING:
                dm_json_add_string(props, p->name, p->value);
                break;
        case DM_PROPERTY_SIGNED:
                if (g_ascii_string_to_signed(p->value, 10, G_MININT64, G_MAXINT64, &number, NULL))
                        dm_json_add_int(props, p->name, number);
                break;
        case DM_PROPERTY_UNSIGNED:
                if (g_ascii_string_to_unsigned(p->value, 10, 0, G_MAXUINT64, &natural, NULL))
                        dm_json_add_uint(props, p->name, natural);
                break;
        case DM_PROPERTY_BOOL:
                dm_json_add_bool(props, p->name, !strcmp(p->value, "true"));
                break;
        case DM_PROPERTY_REMOVE:
                dm_json_remove(props, p->name);
                break;
        case DM_PROPERTY_UNSET:
                break;
        }
}

void dm_props_override(const DmPlan *p, DmJson *props)
{
        const DmQemuOverride *o = p->domain->qemu_override;
        const char *id = dm_json_get_string(props, "id");
        for (guint i = 0; id && o && o->devices && i < o->devices->len; i++) {
                const DmQemuOverrideDevice *d = g_ptr_array_index(o->devices, i);
                for (guint n = 0; !strcmp(d->alias, id) && d->properties && n < d->properties->len; n++)
                        override(props, g_ptr_array_index(d->properties, n));
        }
}
