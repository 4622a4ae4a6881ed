/* <tpm>: trusted platform modules, the host's own or one that swtpm emulates. */
#include "qemu/build_private.h"
#include "qemu/device_backends.h"

#include "conf/domain_tpm.h"

#define HOST_TPM "/dev/tpm0"

static gboolean is_arm(const DmPlan *p)
{
        return g_str_has_prefix(p->arch->name, "arm") || !g_strcmp0(p->arch->name, "aarch64");
}

static gboolean is_proxy(const DmTpm *t)
{
        return t->model == DM_TPM_SPAPR_PROXY;
}

/* ---- what is filled in ---- */

static gboolean defaults(DmPlan *p, DmDevice *device, DmResolveFlags flags, GError **error)
{
        DmTpm *t = (DmTpm *)device;
        DmOrigins *o = p->domain->origins;
        gboolean spapr = (p->board->flags & DM_BOARD_SPAPR_VIO) != 0;
        (void)flags;
        (void)error;
        if (!t->model) {
                t->model = !spapr                             ? DM_TPM_TIS
                           : t->backend == DM_TPM_PASSTHROUGH ? DM_TPM_SPAPR_PROXY
                                                              : DM_TPM_SPAPR;
                dm_origins_explain(o, &t->model, "libvirt's default for this board and backend");
        }
        if (t->backend == DM_TPM_EMULATOR && !t->version) {
                gboolean old = t->model == DM_TPM_TIS && dm_plan_x86(p);
                t->version = old ? DM_TPM_1_2 : DM_TPM_2_0;
                dm_origins_explain(o, &t->version, "libvirt's default for this model");
        }
        if (t->backend == DM_TPM_PASSTHROUGH && !t->path) {
                t->path = g_strdup(HOST_TPM);
                dm_origins_explain(o, &t->path, "libvirt's default");
        }
        return TRUE;
}

static DmWants wants(const DmPlan *p, const DmDevice *device)
{
        (void)p;
        return ((const DmTpm *)device)->model == DM_TPM_SPAPR ? DM_WANTS_SPAPR_VIO : DM_WANTS_NOTHING;
}

static char *alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        (void)p;
        (void)device;
        return g_strdup_printf("tpm%u", n);
}

/* ---- what is possible ---- */

/* A guest has one module, and on pseries beside it one that passes requests on. */
static gboolean check_count(const DmPlan *p, const DmTpm *t, GError **error)
{
        DM_FOREACH_DEVICE (p->domain, other) {
                if (other == &t->dev)
                        break;
                if (other->kind == DM_DEVICE_TPM && is_proxy((const DmTpm *)other) == is_proxy(t))
                        return dm_plan_fail(p, &t->dev, t, error, "a guest has one %s at most",
                                            is_proxy(t) ? "TPM proxy" : "TPM");
        }
        return TRUE;
}

static gboolean on_board(const DmPlan *p, const DmTpm *t)
{
        switch (t->model) {
        case DM_TPM_TIS:
                return dm_plan_x86(p) || is_arm(p);
        case DM_TPM_CRB:
                return dm_plan_x86(p);
        case DM_TPM_SPAPR:
        case DM_TPM_SPAPR_PROXY:
                return (p->board->flags & DM_BOARD_SPAPR_VIO) != 0;
        case DM_TPM_UNSET:
                break;
        }
        return FALSE;
}

static gboolean lists(const DmJson *names, const char *name)
{
        for (gsize i = 0; i < dm_json_length(names); i++)
                if (!g_strcmp0(dm_json_string(dm_json_at(names, i)), name))
                        return TRUE;
        return FALSE;
}

static gboolean check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmTpm *t = (const DmTpm *)device;
        const char *type = t->backend == DM_TPM_PASSTHROUGH ? "passthrough" : "emulator";
        (void)host;
        if (!on_board(p, t))
                return dm_plan_fail(p, device, &t->model, error, "machine '%s' cannot have a '%s'",
                                    p->board_name, dm_enum_name(&dm_tpm_model, (int)t->model));
        if (!is_proxy(t) && p->caps->tpm_types && !lists(p->caps->tpm_types, type))
                return dm_plan_fail(p, device, &t->backend, error,
                                    "'%s' (QEMU %s) has no backend '%s' for TPMs", p->caps->path,
                                    p->caps->version_text, type);
        return check_count(p, t, error);
}

/* ---- the command line ---- */

/* Where swtpm listens: somebody else's, or one of the driver's own. */
static char *socket_path(const DmBuild *b, const DmTpm *t)
{
        if (t->backend == DM_TPM_EXTERNAL)
                return g_strdup(t->socket);
        if (b->tpm_socket)
                return g_strdup(b->tpm_socket);
        return b->run_dir ? g_build_filename(b->run_dir, "swtpm.sock", NULL) : NULL;
}

static gboolean backend_emulator(DmBuild *b, const DmTpm *t, GError **error)
{
        const DmDevice *device = &t->dev;
        g_autofree char *path = socket_path(b, t);
        if (!path)
                return dm_plan_fail(b->plan, device, device, error,
                                    "an emulated TPM needs <backend type='external'> here");
        g_autoptr(GString) s = g_string_new("socket,id=chrtpm");
        dm_opts_append(s, "path", path);
        dm_command_add(b->command, device, NULL, "-chardev", s->str);
        dm_command_addf(b->command, device, NULL, "-tpmdev", "emulator,id=tpm-%s,chardev=chrtpm",
                        device->alias);
        return TRUE;
}

static gboolean backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmTpm *t = (const DmTpm *)device;
        if (is_proxy(t))
                return TRUE;
        if (t->backend != DM_TPM_PASSTHROUGH)
                return backend_emulator(b, t, error);
        g_autofree char *passed = dm_build_fd_path(b, device, device, DM_FD_TPM, t->path, "tpm");
        /* What stops a request that hangs; QEMU finds it itself unless it may open nothing. */
        g_autofree char *cancel =
                passed ? dm_build_fd_path(b, device, device, DM_FD_TPM_CANCEL, t->path, "cancel") : NULL;
        g_autoptr(GString) s = g_string_new("passthrough");
        dm_opts_appendf(s, "id", "tpm-%s", device->alias);
        dm_opts_append(s, "path", passed ? passed : t->path);
        if (cancel)
                dm_opts_append(s, "cancel-path", cancel);
        dm_command_add(b->command, device, NULL, "-tpmdev", s->str);
        return TRUE;
}

static DmJson *props(const DmPlan *p, const DmDevice *device, GError **error)
{
        const DmTpm *t = (const DmTpm *)device;
        const char *driver = dm_enum_name(&dm_tpm_model, (int)t->model);
        (void)error;
        DmJson *j = dm_json_object_new();
        /* Boards without ISA have it on their own bus. */
        dm_json_add_string(j, "driver", t->model == DM_TPM_TIS && is_arm(p) ? "tpm-tis-device" : driver);
        if (!is_proxy(t))
                dm_json_add_stringf(j, "tpmdev", "tpm-%s", device->alias);
        dm_json_add_string(j, "id", device->alias);
        if (is_proxy(t))
                dm_json_add_string(j, "host-path", t->path);
        dm_props_address(p, device, j);
        return j;
}

static const char *helper(const DmDevice *device)
{
        return ((const DmTpm *)device)->backend == DM_TPM_EMULATOR ? "swtpm" : NULL;
}

const DmDeviceOps dm_tpm_ops = {
        .order = DM_ORDER_TPM,
        .defaults = defaults,
        .wants = wants,
        .alias = alias,
        .check = check,
        .backend = backend,
        .props = props,
        .helper = helper,
};
