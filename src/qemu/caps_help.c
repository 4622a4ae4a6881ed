/* What the help of a QEMU from before QMP probing tells.  About 25 words of it are read; the texts of 0.8
 * to 1.1 differ in everything else.  Such an emulator can be listed and command lines can be built for it. */
#include "qemu/caps_help.h"

#include <string.h>
#include <sys/utsname.h>

#include "qemu/arch.h"
#include "qemu/caps_private.h"
#include "util/error.h"

#define OUTPUT_BYTES 262144 /* the longest help, of 1.1, has 14 KB */

/* ---- words of the help ---- */

typedef enum Where {
        AN_OPTION, /* at the beginning of a line */
        ANYWHERE,
} Where;

static const struct {
        DmHelpFlag flag;
        Where where;
        const char *text;
} tokens[] = {
        { DM_HELP_NO_KQEMU, AN_OPTION, "-no-kqemu" },
        { DM_HELP_NO_KQEMU, AN_OPTION, "-kernel-kqemu" }, /* it comes with the other */
        { DM_HELP_ENABLE_KQEMU, AN_OPTION, "-enable-kqemu" },
        { DM_HELP_NO_KVM, AN_OPTION, "-no-kvm" },
        { DM_HELP_ENABLE_KVM, AN_OPTION, "-enable-kvm" },
        { DM_HELP_MACHINE_ACCEL, ANYWHERE, "accel=accel1" },
        { DM_HELP_DRIVE, AN_OPTION, "-drive" },
        { DM_HELP_DRIVE_BOOT, ANYWHERE, "boot=on" },
        { DM_HELP_DRIVE_CACHE_V2, ANYWHERE, "cache=writethrough" },
        { DM_HELP_DRIVE_SERIAL, ANYWHERE, ",serial=" },
        { DM_HELP_DRIVE_FORMAT, ANYWHERE, ",format=" },
        { DM_HELP_BOOT_ORDER, ANYWHERE, "-boot [order=" },
        { DM_HELP_NAME, AN_OPTION, "-name" },
        { DM_HELP_UUID, AN_OPTION, "-uuid" },
        { DM_HELP_VGA, AN_OPTION, "-vga" },
        { DM_HELP_NODEFAULTS, AN_OPTION, "-nodefaults" },
        { DM_HELP_DEVICE, AN_OPTION, "-device" },
        { DM_HELP_CHARDEV, AN_OPTION, "-chardev" },
        { DM_HELP_NETDEV, AN_OPTION, "-netdev" },
        { DM_HELP_QMP, AN_OPTION, "-qmp" },
        { DM_HELP_BIOS, AN_OPTION, "-bios" },
        { DM_HELP_NO_SHUTDOWN, AN_OPTION, "-no-shutdown" },
        { DM_HELP_DAEMONIZE, AN_OPTION, "-daemonize" },
};

/* "-no-kvm" as an option of its own: "-no-kvm-pit" is another. */
static gboolean has_option(const char *help, const char *option)
{
        gsize length = strlen(option);
        for (const char *at = help; (at = strstr(at, option)); at += length) {
                gboolean begins = at == help || at[-1] == '\n';
                gboolean ends = !g_ascii_isalnum(at[length]) && at[length] != '-' && at[length] != '_';
                if (begins && ends)
                        return TRUE;
        }
        return FALSE;
}

static unsigned read_flags(const char *help)
{
        unsigned flags = 0;
        for (guint i = 0; i < G_N_ELEMENTS(tokens); i++) {
                gboolean found = tokens[i].where == AN_OPTION ? has_option(help, tokens[i].text)
                                                              : strstr(help, tokens[i].text) != NULL;
                if (found)
                        flags |= tokens[i].flag;
        }
        return flags;
}

/* A -no-X or -enable-X is there only if X was compiled in; -machine accel= (0.15) names what it knows. */
static void read_accels(DmCaps *c, const char *help)
{
        dm_caps_add_accel(c, DM_ACCEL_TCG);
        if (c->help & (DM_HELP_NO_KQEMU | DM_HELP_ENABLE_KQEMU))
                dm_caps_add_accel(c, DM_ACCEL_KQEMU);
        if (c->help & (DM_HELP_NO_KVM | DM_HELP_ENABLE_KVM))
                dm_caps_add_accel(c, DM_ACCEL_KVM);
        if (strstr(help, "qvm86")) /* no record of its option was found: any mention counts */
                dm_caps_add_accel(c, DM_ACCEL_QVM86);
        const char *list = strstr(help, "supported accelerators are ");
        if (!(c->help & DM_HELP_MACHINE_ACCEL) || !list)
                return;
        g_autofree char *line = g_strndup(list, strcspn(list, "\n"));
        for (DmAccel a = 0; a < DM_ACCEL_N; a++) {
                g_autofree char *word = g_strdup_printf("\\b%s\\b", dm_accel_name(a));
                if (g_regex_match_simple(word, line, 0, 0))
                        dm_caps_add_accel(c, a);
        }
}

/* ---- version and target ---- */

static unsigned number(const char *digits)
{
        guint64 value = 0;
        if (!digits || !g_ascii_string_to_unsigned(digits, 10, 0, 999, &value, NULL))
                return 0;
        return (unsigned)value;
}

static gboolean read_version(DmCaps *c, const char *help)
{
        g_autoptr(GRegex) first = g_regex_new("^QEMU (?:PC )?emulator version (\\d+)\\.(\\d+)(?:\\.(\\d+))?"
                                              "(?:[^\\n(]*\\(([^)\\n]{1,100})\\))?",
                                              G_REGEX_MULTILINE, 0, NULL);
        g_autoptr(GMatchInfo) m = NULL;
        if (!g_regex_match(first, help, 0, &m))
                return FALSE;
        g_autofree char *major = g_match_info_fetch(m, 1), *minor = g_match_info_fetch(m, 2);
        g_autofree char *micro = g_match_info_fetch(m, 3), *package = g_match_info_fetch(m, 4);
        gboolean copyright = package && strcmp(package, "c") == 0; /* of «Copyright (c)» */
        dm_caps_set_version(c, number(major), number(minor), number(micro), copyright ? NULL : package);
        return TRUE;
}

/* "ppc" of "qemu-system-ppc"; owned, NULL when @name is no such name. */
static char *target_of_name(const char *name)
{
        static const char prefix[] = "qemu-system-";
        if (!name || !g_str_has_prefix(name, prefix))
                return NULL;
        gsize length = strspn(name + strlen(prefix), G_CSET_a_2_z G_CSET_DIGITS "_");
        return length ? g_strndup(name + strlen(prefix), length) : NULL;
}

/* The name of the program tells, else the name that it calls itself by, else "qemu" is i386.  The KVM fork
 * called itself "qemu" on either x86: there the CPU models tell, or the host. */
static char *find_target(const char *path, const char *host_target, const char *help, const DmCaps *c)
{
        g_autofree char *name = g_path_get_basename(path);
        char *target = target_of_name(name);
        const char *usage = strstr(help, "usage: ");
        if (!target && usage)
                target = target_of_name(usage + strlen("usage: "));
        if (target)
                return target;
        if (!strstr(name, "kvm") && !(c->help & DM_HELP_NO_KVM))
                return g_strdup("i386");
        if (dm_caps_cpu_model(c, "qemu64"))
                return g_strdup("x86_64");
        return g_strdup(c->cpu_models->len > 0 ? "i386" : host_target);
}

/* ---- lists ---- */

static void add_machine(DmCaps *c, const char *name, const char *description, gboolean is_default)
{
        DmMachine *m = g_new0(DmMachine, 1);
        m->name = g_strdup(name);
        m->description = g_strdup(description);
        m->is_default = is_default;
        g_ptr_array_add(c->machines, m);
}

static DmMachine *machine_named(DmCaps *c, const char *name)
{
        for (guint i = 0; i < c->machines->len; i++) {
                DmMachine *m = c->machines->pdata[i];
                if (strcmp(m->name, name) == 0)
                        return m;
        }
        return NULL;
}

/* One pass adds the machines, another the names by which they are known as well: an alias stands before the
 * machine. */
static void read_machines(DmCaps *c, const char *text)
{
        g_autoptr(GRegex) row =
                g_regex_new("^(\\S+)\\s+(.*?)(?: \\((default)\\)| \\(alias of (\\S+)\\))?$", 0, 0, NULL);
        const char *list = strstr(text, "Supported machines are:");
        g_auto(GStrv) lines = g_strsplit(list ? list : "", "\n", -1);
        for (int pass = 0; pass < 2; pass++) {
                for (guint i = 1; list && lines[i]; i++) {
                        g_autoptr(GMatchInfo) m = NULL;
                        if (!g_regex_match(row, g_strchomp(lines[i]), 0, &m))
                                continue;
                        g_autofree char *name = g_match_info_fetch(m, 1), *about = g_match_info_fetch(m, 2);
                        g_autofree char *mark = g_match_info_fetch(m, 3), *other = g_match_info_fetch(m, 4);
                        gboolean is_alias = other && *other;
                        DmMachine *of = is_alias && pass == 1 ? machine_named(c, other) : NULL;
                        if (of && !of->alias)
                                of->alias = g_strdup(name);
                        else if (!is_alias && pass == 0)
                                add_machine(c, name, about, mark && *mark);
                }
        }
        if (c->machines->len > 0 && !dm_caps_default_machine(c))
                ((DmMachine *)c->machines->pdata[0])->is_default = TRUE;
}

/* «x86 [qemu64]», «x86   486», «PowerPC 601_v1 PVR 00010001», «MIPS '4Kc'», «  arm926». */
static void read_cpu_models(DmCaps *c, const char *text)
{
        g_autoptr(GRegex) row = g_regex_new("^\\s*(?:x86\\s+\\[?|PowerPC\\s+|MIPS\\s+'|Sparc\\s+|\\s+)"
                                            "([A-Za-z0-9][A-Za-z0-9_.+-]*)\\]?'?(?:\\s.*)?$",
                                            0, 0, NULL);
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        for (char **line = lines; *line; line++) {
                g_autoptr(GMatchInfo) m = NULL;
                if (!g_regex_match(row, *line, 0, &m))
                        continue;
                g_autofree char *name = g_match_info_fetch(m, 1);
                if (dm_caps_cpu_model(c, name))
                        continue;
                DmCpuModel *model = g_new0(DmCpuModel, 1);
                model->name = g_steal_pointer(&name);
                g_ptr_array_add(c->cpu_models, model);
        }
}

/* ---- the whole ---- */

DmCaps *dm_caps_from_help(const char *path, const char *host_target, const char *help, const char *machines,
                          const char *cpus, GError **error)
{
        g_autoptr(DmCaps) c = dm_caps_new(path);
        if (!read_version(c, help))
                return dm_fail_null(error, DM_ERROR_UNSUPPORTED,
                                    "%s did not answer as QEMU: its help names no version", path);
        if (c->version >=
            DM_QEMU_VERSION(1, 2, 0)) /* it does know QMP: why it did not answer is another question */
                return dm_fail_null(error, DM_ERROR_UNSUPPORTED, "%s (QEMU %s) did not answer QMP", path,
                                    c->version_text);
        c->help_era = TRUE;
        c->help = read_flags(help);
        if (c->version >= DM_QEMU_VERSION(0, 9, 0))
                c->help |= DM_HELP_VNC_COLON;
        read_accels(c, help);
        read_machines(c, machines);
        read_cpu_models(c, cpus);
        c->target = find_target(path, host_target, help, c);
        c->partial = c->machines->len == 0;
        dm_caps_finish(c);
        return g_steal_pointer(&c);
}

/* Output of @path with these words; owned.  Its exit status says nothing: 1 is normal for help. */
static char *output(const DmSpawn *spawn, const char *path, const char *option, const char *value,
                    gint64 deadline_us, GError **error)
{
        const char *words[] = { path, option, value, NULL };
        DmSpawn s = *spawn;
        char *text = NULL;
        gint64 left_ms = (deadline_us - g_get_monotonic_time()) / 1000;
        s.words = (char *const *)words;
        if (!dm_run_spawn(&s, (int)MAX(left_ms, 1), OUTPUT_BYTES, &text, NULL, NULL, error))
                return NULL;
        char *valid = g_utf8_make_valid(text, -1);
        g_free(text);
        return valid;
}

DmCaps *dm_caps_probe_help(const char *path, const DmSpawn *spawn, int timeout_ms, GError **error)
{
        gint64 deadline_us = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
        struct utsname host;
        g_autofree char *help = output(spawn, path, "-help", NULL, deadline_us, error);
        g_autoptr(DmCaps) probe = help ? dm_caps_from_help(path, "", help, "", "", error) : NULL;
        if (!probe) /* not asked further: it may be any program */
                return NULL;
        g_autofree char *machines = output(spawn, path, "-M", "?", deadline_us, error);
        g_autofree char *cpus = machines ? output(spawn, path, "-cpu", "?", deadline_us, error) : NULL;
        if (!cpus)
                return NULL;
        const DmArch *arch = uname(&host) == 0 ? dm_arch_find(host.machine) : NULL;
        DmCaps *c = dm_caps_from_help(path, arch ? arch->target : "i386", help, machines, cpus, error);
        if (c)
                c->program = g_strdup(path);
        return c;
}
