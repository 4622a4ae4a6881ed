/* The order of a command line: sections as libvirt has them, devices by the order of their kinds.  What a
 * section says is in its own file; here is only what belongs to none. */
#include "qemu/build_private.h"
#include "qemu/image_nodes.h"

#include "util/error.h"

#define MASTER_KEY "master-key.aes"
/* From here on QEMU does what its library of cryptography does, and has no option for it. */
#define FIPS_UNTIL DM_QEMU_VERSION(5, 2, 0)

/* Options that are there for the driver's own sake. */
#define WHY_DRIVER   "how the driver runs every guest"
#define WHY_SECURITY "a guest that breaks out of QEMU shall not get far"

/* ---- one item, in the syntax of this emulator ---- */

static void add_props(DmBuild *b, const void *origin, const char *why, const char *option, gboolean json,
                      const char *implied, DmJson *props)
{
        g_autoptr(DmJson) owned = props;
        g_autofree char *value = json ? dm_json_to_string(owned) : dm_keyval(owned, implied);
        dm_command_add(b->command, origin, why, option, value);
}

void dm_build_device(DmBuild *b, const void *origin, const char *why, DmJson *props)
{
        /* 6.2 has JSON too, but such devices cannot be unplugged there; this feature says that they can. */
        gboolean json = dm_caps_has_schema(b->plan->caps, "device_add!json-cli-hotplug");
        dm_props_override(b->plan, props);
        add_props(b, origin, why, "-device", json, "driver", props);
}

void dm_build_object(DmBuild *b, const void *origin, const char *why, DmJson *props)
{
        gboolean json = dm_caps_has_schema(b->plan->caps, "object-add:qom-type=secret");
        add_props(b, origin, why, "-object", json, "qom-type", props);
}

void dm_build_netdev(DmBuild *b, const void *origin, DmJson *props)
{
        gboolean json = dm_caps_has_schema(b->plan->caps, "netdev_add:type=dgram");
        add_props(b, origin, NULL, "-netdev", json, "type", props);
}

void dm_build_blockdev(DmBuild *b, const void *origin, DmJson *props)
{
        add_props(b, origin, NULL, "-blockdev", TRUE, NULL, props);
}

int dm_build_fd(DmBuild *b, DmFdUse use, const char *path, const DmDevice *device)
{
        return b->pass_fd ? b->pass_fd(b, use, path, device) : -1;
}

/* ---- what all guests have ---- */

gboolean dm_plan_x86(const DmPlan *p)
{
        return !g_strcmp0(p->arch->name, "x86_64") || !g_strcmp0(p->arch->name, "i686");
}

static void build_environment(DmBuild *b)
{
        static const struct {
                const char *name, *below;
        } dirs[] = {
                { "HOME", NULL },
                { "XDG_DATA_HOME", ".local/share" },
                { "XDG_CACHE_HOME", ".cache" },
                { "XDG_CONFIG_HOME", ".config" },
        };
        dm_command_env(b->command, "LC_ALL", "C");
        for (gsize i = 0; b->run_dir && i < G_N_ELEMENTS(dirs); i++) {
                g_autofree char *path = g_build_filename(b->run_dir, dirs[i].below, NULL);
                dm_command_env(b->command, dirs[i].name, path);
        }
        dm_build_passed_environment(b);
}

static void build_head(DmBuild *b)
{
        const DmDomain *d = b->plan->domain;
        g_autoptr(GString) name = g_string_new(NULL);
        dm_opts_append(name, "guest", d->name);
        if (dm_caps_has_option(b->plan->caps, "name", "debug-threads"))
                dm_opts_append(name, "debug-threads", "on");
        dm_command_add(b->command, &d->name, NULL, "-name", name->str);
        if (b->fips && b->plan->caps->version < FIPS_UNTIL)
                dm_command_add(b->command, NULL, "the host allows approved cryptography only", "-enable-fips",
                               NULL);
        dm_command_add(b->command, NULL, "vCPUs run only when the driver has set everything up", "-S", NULL);
}

static void build_master_key(DmBuild *b)
{
        if (!b->master_key || !b->run_dir)
                return;
        g_autofree char *file = g_build_filename(b->run_dir, MASTER_KEY, NULL);
        DmJson *key = dm_json_object_new();
        dm_json_add_string(key, "qom-type", "secret");
        dm_json_add_string(key, "id", "masterKey0");
        dm_json_add_string(key, "format", "raw");
        dm_json_add_string(key, "file", file);
        dm_build_object(b, NULL, "encrypts the secrets that this guest is given", key);
}

static gboolean build_identity(DmBuild *b, GError **error)
{
        const DmDomain *d = b->plan->domain;
        dm_command_add(b->command, &d->uuid, NULL, "-uuid", d->uuid);
        if (!dm_build_sysinfo(b, error))
                return FALSE;
        if (!d->genid)
                return TRUE;
        if (!dm_caps_has_driver(b->plan->caps, "vmgenid"))
                return dm_plan_fail(b->plan, NULL, &d->genid, error, "'%s' has no <genid>; leave it out",
                                    b->plan->caps->path);
        DmJson *device = dm_json_object_new();
        dm_json_add_string(device, "driver", "vmgenid");
        dm_json_add_string(device, "guid", d->genid);
        dm_json_add_string(device, "id", "vmgenid0");
        dm_build_device(b, &d->genid, NULL, device);
        return TRUE;
}

/* Boards that need QEMU's default devices get those switched off which nobody asked for. */
static void switch_defaults_off(DmBuild *b)
{
        static const struct {
                DmDeviceKind kind;
                const char *option;
        } rows[] = {
                { DM_DEVICE_INTERFACE, "-nic" },
                { DM_DEVICE_VIDEO, "-vga" },
                { DM_DEVICE_SERIAL, "-serial" },
                { DM_DEVICE_PARALLEL, "-parallel" },
        };
        const char *why = "the board needs QEMU's default devices, the guest does not have this one";
        dm_command_add(b->command, NULL, why, "-monitor", "none");
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
                if (!dm_domain_count(b->plan->domain, rows[i].kind))
                        dm_command_add(b->command, NULL, why, rows[i].option, "none");
}

static void build_frame(DmBuild *b)
{
        const DmPlan *p = b->plan;
        if (!dm_domain_count(p->domain, DM_DEVICE_GRAPHICS))
                dm_command_add(b->command, NULL, "the guest has no <graphics>", "-display", "none");
        dm_command_add(b->command, NULL, "the host's QEMU configuration is not the guest's",
                       "-no-user-config", NULL);
        if (p->board->flags & DM_BOARD_KEEP_DEFAULTS)
                switch_defaults_off(b);
        else
                dm_command_add(b->command, NULL, "the guest has the devices of its document, no others",
                               "-nodefaults", NULL);
}

static void build_monitor(DmBuild *b)
{
        const char *why = "the driver's connection to QEMU";
        g_autoptr(GString) s = g_string_new("socket,id=charmonitor");
        if (b->monitor_fd >= 0)
                dm_opts_appendf(s, "fd", "%d", b->monitor_fd);
        else
                dm_opts_append(s, "path", b->monitor_path);
        dm_opts_append(s, "server", "on");
        dm_opts_append(s, "wait", "off");
        dm_command_add(b->command, NULL, why, "-chardev", s->str);
        dm_command_add(b->command, NULL, why, "-mon", "chardev=charmonitor,id=monitor,mode=control");
}

/* ---- power ---- */

static gboolean ends(DmAction action)
{
        return action == DM_ACTION_DESTROY;
}

/* A guest that ends in whatever way ends QEMU: nothing needs to be looked at afterwards. */
static gboolean always_ends(const DmDomain *d)
{
        return ends(d->on_reboot) && (ends(d->on_poweroff) || !d->on_poweroff) &&
               (ends(d->on_crash) || !d->on_crash || d->on_crash == DM_ACTION_COREDUMP_DESTROY);
}

static void build_power(DmBuild *b)
{
        const DmPlan *p = b->plan;
        const DmDomain *d = p->domain;
        /* Later emulators are told over QMP what a reboot means. */
        if (always_ends(d) && !dm_caps_has_command(p->caps, "set-action"))
                dm_command_add(b->command, &d->on_reboot, NULL, "-no-reboot", NULL);
        else
                dm_command_add(b->command, NULL, "the driver decides what follows a shutdown", "-no-shutdown",
                               NULL);
        if (dm_plan_acpi_off(p) && !dm_plan_acpi_property(p))
                dm_command_add(b->command, d->features ? (void *)d->features : NULL,
                               "the guest has no <acpi/>", "-no-acpi", NULL);
}

/* Sleep states are switches of the chipset. */
static gboolean build_sleep(DmBuild *b, GError **error)
{
        const DmPlan *p = b->plan;
        const DmPm *pm = p->domain->pm;
        const char *chip = p->board->flags & DM_BOARD_PCIE ? "ICH9-LPC" : "PIIX4_PM";
        const struct {
                const DmYesNo *value;
                const char *property;
        } states[] = {
                { pm ? &pm->suspend_to_mem : NULL, "disable_s3" },
                { pm ? &pm->suspend_to_disk : NULL, "disable_s4" },
        };
        for (gsize i = 0; pm && i < G_N_ELEMENTS(states); i++) {
                if (!*states[i].value)
                        continue;
                if (!dm_plan_x86(p) || !dm_plan_pci(p) ||
                    !dm_caps_has_prop(p->caps, chip, states[i].property))
                        return dm_plan_fail(p, NULL, states[i].value, error,
                                            "machine '%s' has no sleep states to switch", p->board_name);
                dm_command_addf(b->command, states[i].value, NULL, "-global", "%s.%s=%d", chip,
                                states[i].property, *states[i].value == DM_NO);
        }
        return TRUE;
}

/* ---- devices ---- */

static int compare_devices(gconstpointer a, gconstpointer b)
{
        const DmDevice *x = *(DmDevice *const *)a, *y = *(DmDevice *const *)b;
        const DmDeviceOps *ops = dm_device_ops(x->kind);
        if (ops->order != dm_device_ops(y->kind)->order)
                return (int)ops->order - (int)dm_device_ops(y->kind)->order;
        return ops->rank && x->kind == y->kind ? ops->rank(x) - ops->rank(y) : 0;
}

/* On s390x a PCI device is known by what stands beside it. */
static void build_zpci(DmBuild *b, const DmDevice *device)
{
        const DmAddress *a = &device->address;
        if (a->type != DM_ADDRESS_PCI || !a->zpci_uid.set || !(b->plan->board->flags & DM_BOARD_CCW))
                return;
        DmJson *zpci = dm_json_object_new();
        dm_json_add_string(zpci, "driver", "zpci");
        dm_json_add_uint(zpci, "uid", a->zpci_uid.value);
        dm_props_u32(zpci, "fid", a->zpci_fid);
        dm_json_add_string(zpci, "target", device->alias);
        dm_json_add_stringf(zpci, "id", "zpci%u", a->zpci_uid.value);
        dm_build_device(b, device, NULL, zpci);
}

static gboolean build_one(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmDeviceOps *ops = dm_device_ops(device->kind);
        if (ops->backend && !ops->backend(b, device, error))
                return FALSE;
        if (!ops->props)
                return TRUE;
        g_autoptr(GError) reason = NULL;
        DmJson *props = ops->props(b->plan, device, &reason);
        if (props && ops->pass)
                ops->pass(b, device, props);
        if (props) {
                build_zpci(b, device);
                dm_build_device(b, device, NULL, props);
        }
        if (reason) {
                g_propagate_error(error, g_steal_pointer(&reason));
                return FALSE;
        }
        return !ops->parts || ops->parts(b, device, error);
}

/* Devices whose order is from @from up to, not including, @to. */
static gboolean build_devices(DmBuild *b, GPtrArray *sorted, DmOrder from, DmOrder to, GError **error)
{
        for (guint i = 0; i < sorted->len; i++) {
                const DmDevice *device = g_ptr_array_index(sorted, i);
                DmOrder order = dm_device_ops(device->kind)->order;
                if (order >= from && order < to && !build_one(b, device, error))
                        return FALSE;
        }
        return TRUE;
}

static void build_vmcoreinfo(DmBuild *b)
{
        const DmFeatures *f = b->plan->domain->features;
        if (!f || !f->vmcoreinfo || f->vmcoreinfo_state == DM_OFF)
                return;
        DmJson *device = dm_json_object_new();
        dm_json_add_string(device, "driver", "vmcoreinfo");
        dm_build_device(b, &f->vmcoreinfo, NULL, device);
}

static void build_sandbox(DmBuild *b)
{
        if (dm_caps_has_option(b->plan->caps, "sandbox", "elevateprivileges"))
                dm_command_add(b->command, NULL, WHY_SECURITY, "-sandbox",
                               "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
        else if (dm_caps_has_option(b->plan->caps, "sandbox", "enable"))
                dm_command_add(b->command, NULL, WHY_SECURITY, "-sandbox", "on");
}

static gboolean build_all_devices(DmBuild *b, GError **error)
{
        const DmDomain *d = b->plan->domain;
        g_autoptr(GPtrArray) sorted = g_ptr_array_new();
        DM_FOREACH_DEVICE (d, device)
                g_ptr_array_add(sorted, device);
        /* Stable: devices of one kind keep the document's order. */
        g_ptr_array_sort(sorted, compare_devices);
        if (!build_devices(b, sorted, 0, DM_ORDER_BALLOON, error))
                return FALSE;
        if (b->incoming)
                dm_command_add(b->command, NULL, "the guest's state comes from elsewhere", "-incoming",
                               "defer");
        if (!build_devices(b, sorted, DM_ORDER_BALLOON, DM_ORDER_LATE, error))
                return FALSE;
        build_vmcoreinfo(b);
        dm_build_passed_words(b);
        if (!dm_build_security(b, error))
                return FALSE;
        build_sandbox(b);
        return build_devices(b, sorted, DM_ORDER_LATE, DM_ORDER_END, error);
}

/* ---- all of it ---- */

const DmSettings dm_settings_none = { 0 };

gboolean dm_build_command(DmBuild *b, GError **error)
{
        if (!b->settings)
                b->settings = &dm_settings_none;
        g_assert(b->monitor_fd >= 0 || b->monitor_path || b->plan->caps->help_era);
        build_environment(b);
        if (b->plan->caps->help_era)
                return dm_build_old(b, error);
        build_head(b);
        build_master_key(b);
        dm_build_managed_pr(b);
        dm_build_deprecation(b);
        if (!dm_build_firmware(b, error) || !dm_build_machine(b, error) || !dm_build_cpu(b, error) ||
            !dm_build_rom(b, error) || !dm_build_memory(b, error) || !dm_build_iothreads(b, error) ||
            !dm_build_numa(b, error) || !build_identity(b, error))
                return FALSE;
        build_frame(b);
        dm_build_terminal(b);
        build_monitor(b);
        if (!dm_build_clock(b, error))
                return FALSE;
        build_power(b);
        if (!build_sleep(b, error) || !dm_build_boot(b, error) || !build_all_devices(b, error))
                return FALSE;
        if (dm_caps_has_option(b->plan->caps, "msg", "timestamp"))
                dm_command_add(b->command, NULL, WHY_DRIVER, "-msg", "timestamp=on");
        return TRUE;
}
