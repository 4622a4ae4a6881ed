/* Lists of typed parameters, apart from their looks on the wire (record.c). */
#include "rpc/typed_params.h"
#include "util/error.h"

static const char *const type_names[] = {
        [DM_TYPED_INT] = "int",       [DM_TYPED_UINT] = "uint",     [DM_TYPED_LLONG] = "llong",
        [DM_TYPED_ULLONG] = "ullong", [DM_TYPED_DOUBLE] = "double", [DM_TYPED_BOOLEAN] = "boolean",
        [DM_TYPED_STRING] = "string",
};

const char *dm_typed_type_name(gint32 type)
{
        return type >= DM_TYPED_INT && type <= DM_TYPED_STRING ? type_names[type] : "unknown";
}

static void param_clear(DmTypedParam *p)
{
        g_free(p->field);
        if (p->type == DM_TYPED_STRING)
                g_free(p->value.s);
}

void dm_typed_params_clear(DmTypedParams *p)
{
        for (guint32 i = 0; i < p->n; i++)
                param_clear(&p->items[i]);
        g_free(p->items);
        *p = (DmTypedParams){ 0 };
}

static DmTypedParam *add(DmTypedParams *p, DmTypedType type, const char *name, va_list args)
{
        p->items = g_renew(DmTypedParam, p->items, (gsize)p->n + 1);
        DmTypedParam *param = &p->items[p->n++];
        *param = (DmTypedParam){ .field = g_strdup_vprintf(name, args), .type = (gint32)type };
        return param;
}

void dm_typed_params_add_int(DmTypedParams *p, gint32 value, const char *name, ...)
{
        va_list args;
        va_start(args, name);
        add(p, DM_TYPED_INT, name, args)->value.i = value;
        va_end(args);
}

void dm_typed_params_add_uint(DmTypedParams *p, guint32 value, const char *name, ...)
{
        va_list args;
        va_start(args, name);
        add(p, DM_TYPED_UINT, name, args)->value.ui = value;
        va_end(args);
}

void dm_typed_params_add_llong(DmTypedParams *p, gint64 value, const char *name, ...)
{
        va_list args;
        va_start(args, name);
        add(p, DM_TYPED_LLONG, name, args)->value.l = value;
        va_end(args);
}

void dm_typed_params_add_ullong(DmTypedParams *p, guint64 value, const char *name, ...)
{
        va_list args;
        va_start(args, name);
        add(p, DM_TYPED_ULLONG, name, args)->value.ul = value;
        va_end(args);
}

void dm_typed_params_add_double(DmTypedParams *p, double value, const char *name, ...)
{
        va_list args;
        va_start(args, name);
        add(p, DM_TYPED_DOUBLE, name, args)->value.d = value;
        va_end(args);
}

void dm_typed_params_add_boolean(DmTypedParams *p, gboolean value, const char *name, ...)
{
        va_list args;
        va_start(args, name);
        add(p, DM_TYPED_BOOLEAN, name, args)->value.b = value ? 1 : 0;
        va_end(args);
}

void dm_typed_params_add_string(DmTypedParams *p, const char *value, const char *name, ...)
{
        va_list args;
        va_start(args, name);
        add(p, DM_TYPED_STRING, name, args)->value.s = g_strdup(value);
        va_end(args);
}

void dm_typed_params_drop_strings(DmTypedParams *p)
{
        guint32 kept = 0;
        for (guint32 i = 0; i < p->n; i++) {
                if (p->items[i].type == DM_TYPED_STRING)
                        param_clear(&p->items[i]);
                else
                        p->items[kept++] = p->items[i];
        }
        p->n = kept;
}

const DmTypedParam *dm_typed_params_find(const DmTypedParams *p, const char *name)
{
        for (guint32 i = 0; i < p->n; i++)
                if (g_str_equal(p->items[i].field, name))
                        return &p->items[i];
        return NULL;
}

gboolean dm_typed_params_check(const DmTypedParams *p, const DmTypedRule *rules, GError **error)
{
        for (guint32 i = 0; i < p->n; i++) {
                const DmTypedParam *param = &p->items[i];
                const DmTypedRule *rule = rules;
                while (rule->name && !g_str_equal(rule->name, param->field))
                        rule++;
                if (!rule->name)
                        return dm_fail(error, DM_ERROR_UNSUPPORTED, "parameter '%s' is not supported here",
                                       param->field);
                if (param->type != (gint32)rule->type)
                        return dm_fail(error, DM_ERROR_INVALID_ARG,
                                       "parameter '%s' is of type '%s', must be '%s'", param->field,
                                       dm_typed_type_name(param->type),
                                       dm_typed_type_name((gint32)rule->type));
                if (!(rule->flags & DM_TYPED_REPEATED) && dm_typed_params_find(p, param->field) != param)
                        return dm_fail(error, DM_ERROR_INVALID_ARG, "parameter '%s' comes more than once",
                                       param->field);
        }
        return TRUE;
}
