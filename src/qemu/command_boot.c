/* Firmware, -boot and -kernel: what the guest starts with. */
#include "qemu/build_private.h"
#include "qemu/image_nodes.h"

#include <string.h>

#include "util/error.h"

/* ---- firmware in flash ---- */

static gboolean flash(const DmPlan *p)
{
        return p->domain->os.loader && p->domain->os.loader_type == DM_LOADER_PFLASH;
}

/* The variables are not in a file. */
static gboolean far_variables(const DmOs *os)
{
        return os->nvram_image.type && os->nvram_image.type != DM_DISK_FILE &&
               dm_image_given(&os->nvram_image);
}

/* Variables of read-only firmware need a file of the guest's own. */
char *dm_plan_nvram_path(const DmPlan *p, const char *nvram_dir)
{
        const DmOs *os = &p->domain->os;
        const char *path = os->nvram_image.file ? os->nvram_image.file : os->nvram_path;
        if (far_variables(os) || path || !nvram_dir)
                return g_strdup(path);
        gboolean wanted = os->nvram || (os->loader_readonly == DM_YES && os->loader_stateless != DM_YES);
        if (!wanted)
                return NULL;
        g_autofree char *name = g_strconcat(p->domain->name, "_VARS.fd", NULL);
        return g_build_filename(nvram_dir, name, NULL);
}

const char *dm_build_flash_node(const DmBuild *b, unsigned unit)
{
        if (!flash(b->plan))
                return NULL;
        if (!unit)
                return "libvirt-pflash0-format";
        if (far_variables(&b->plan->domain->os))
                return "libvirt-pflash1-format";
        g_autofree char *path = dm_plan_nvram_path(b->plan, b->nvram_dir);
        return path ? "libvirt-pflash1-format" : NULL;
}

static void add_flash(DmBuild *b, const void *origin, unsigned unit, const char *path, const char *format,
                      gboolean readonly)
{
        DmJson *storage = dm_json_object_new(), *image = dm_json_object_new();
        dm_json_add_string(storage, "driver", "file");
        dm_json_add_string(storage, "filename", path);
        dm_json_add_stringf(storage, "node-name", "libvirt-pflash%u-storage", unit);
        dm_json_add_bool(storage, "auto-read-only", TRUE);
        dm_json_add_string(storage, "discard", "unmap");
        dm_json_add_stringf(image, "node-name", "libvirt-pflash%u-format", unit);
        dm_json_add_bool(image, "read-only", readonly);
        dm_json_add_string(image, "driver", format ? format : "raw");
        dm_json_add_stringf(image, "file", "libvirt-pflash%u-storage", unit);
        dm_build_blockdev(b, origin, storage);
        dm_build_blockdev(b, origin, image);
}

gboolean dm_build_firmware(DmBuild *b, GError **error)
{
        const DmPlan *p = b->plan;
        const DmOs *os = &p->domain->os;
        if (!flash(p))
                return TRUE;
        if (p->caps->version < DM_QEMU_VERSION(4, 2, 0))
                return dm_plan_fail(p, NULL, &os->loader_type, error,
                                    "firmware in flash needs QEMU 4.2 or later, not %s; use type 'rom'",
                                    p->caps->version_text);
        add_flash(b, &os->loader, 0, os->loader, os->loader_format, os->loader_readonly == DM_YES);
        const char *format = os->nvram_format ? os->nvram_format : os->loader_format;
        if (far_variables(os)) {
                DmImage variables = os->nvram_image;
                variables.format = format ? dm_enum_value(&dm_disk_format, format) : DM_DISK_RAW;
                return dm_image_check(p, NULL, &variables, NULL, error) &&
                       dm_build_image(b, &variables, NULL, &os->nvram_image.type, "libvirt-pflash1", FALSE,
                                      error);
        }
        g_autofree char *vars = dm_plan_nvram_path(b->plan, b->nvram_dir);
        const void *origin = os->nvram_path ? (const void *)&os->nvram_path : &os->loader;
        if (vars)
                add_flash(b, os->nvram_image.file ? &os->nvram_image.file : origin, 1, vars, format, FALSE);
        return TRUE;
}

gboolean dm_build_rom(DmBuild *b, GError **error)
{
        const DmOs *os = &b->plan->domain->os;
        (void)error;
        if (os->loader && !flash(b->plan) && os->loader_type != DM_LOADER_NONE)
                dm_command_add(b->command, &os->loader, NULL, "-bios", os->loader);
        if (flash(b->plan) && os->loader_secure == DM_YES)
                dm_command_add(b->command, &os->loader_secure, NULL, "-global",
                               "driver=cfi.pflash01,property=secure,value=on");
        return TRUE;
}

/* ---- messages of the firmware ---- */

static gboolean serial_messages(const DmPlan *p)
{
        return p->domain->os.useserial == DM_YES && dm_plan_x86(p);
}

gboolean dm_plan_graphics_off(const DmPlan *p)
{
        return serial_messages(p) && !dm_caps_has_driver(p->caps, "sga");
}

void dm_build_terminal(DmBuild *b)
{
        if (!serial_messages(b->plan) || dm_plan_graphics_off(b->plan))
                return;
        DmJson *device = dm_json_object_new();
        dm_json_add_string(device, "driver", "sga");
        dm_build_device(b, &b->plan->domain->os.useserial, NULL, device);
}

/* ---- order ---- */

/* Firmware that knows drives by letters only: OpenBIOS, and SeaBIOS of hppa. */
static gboolean boots_by_letter(const DmPlan *p)
{
        static const char *const archs[] = { "ppc", "ppc64", "ppc64le", "sparc", "sparc64", "parisc" };
        if (p->board->flags & DM_BOARD_SPAPR_VIO)
                return FALSE;
        for (gsize i = 0; i < G_N_ELEMENTS(archs); i++)
                if (!strcmp(p->arch->name, archs[i]))
                        return TRUE;
        return FALSE;
}

static char boot_letter(DmBootDev dev)
{
        switch (dev) {
        case DM_BOOT_FLOPPY:
                return 'a';
        case DM_BOOT_CDROM:
                return 'd';
        case DM_BOOT_NETWORK:
                return 'n';
        case DM_BOOT_UNSET:
        case DM_BOOT_DISK:
                break;
        }
        return 'c';
}

char *dm_boot_letters(const DmDomain *d)
{
        g_autoptr(GString) s = g_string_new(NULL);
        for (guint i = 0; d->os.boot && i < d->os.boot->len; i++) {
                char letter = boot_letter(((const DmBoot *)g_ptr_array_index(d->os.boot, i))->dev);
                if (!strchr(s->str, letter)) /* QEMU refuses a letter that is given twice */
                        g_string_append_c(s, letter);
        }
        return s->len ? g_strdup(s->str) : NULL;
}

static void build_order(DmBuild *b)
{
        const DmPlan *p = b->plan;
        const DmOs *os = &p->domain->os;
        g_autoptr(GString) s = g_string_new(NULL);
        g_autofree char *letters = boots_by_letter(p) ? dm_boot_letters(p->domain) : NULL;
        if (letters)
                dm_opts_append(s, "order", letters);
        if (os->bootmenu) {
                dm_opts_append(s, "menu", os->bootmenu == DM_YES ? "on" : "off");
                if (os->bootmenu == DM_YES && os->bootmenu_timeout.set)
                        dm_opts_appendf(s, "splash-time", "%u", os->bootmenu_timeout.value);
        }
        if (os->reboot_timeout.set)
                dm_opts_appendf(s, "reboot-timeout", "%" G_GINT64_FORMAT, os->reboot_timeout.value);
        if (dm_caps_has_option(p->caps, "boot-opts", "strict"))
                dm_opts_append(s, "strict", "on");
        if (s->len)
                dm_command_add(b->command, os, "only what the guest's boot order names is booted", "-boot",
                               s->str);
}

gboolean dm_build_boot(DmBuild *b, GError **error)
{
        const DmOs *os = &b->plan->domain->os;
        const struct {
                const char *option;
                char *const *value;
        } files[] = {
                { "-kernel", &os->kernel },
                { "-initrd", &os->initrd },
                { "-append", &os->cmdline },
                { "-dtb", &os->dtb },
        };
        (void)error;
        build_order(b);
        for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
                if (*files[i].value)
                        dm_command_add(b->command, files[i].value, NULL, files[i].option, *files[i].value);
        for (guint i = 0; os->acpi_tables && i < os->acpi_tables->len; i++) {
                const DmAcpiTable *t = g_ptr_array_index(os->acpi_tables, i);
                g_autoptr(GString) s = g_string_new(NULL);
                dm_opts_append(s, "sig", "SLIC");
                dm_opts_append(s, "file", t->path);
                dm_command_add(b->command, t, NULL, "-acpitable", s->str);
        }
        return TRUE;
}
