/* The hosts of the seed requirements: facts and emulators made by hand, and, beside them, the emulators of
 * this machine.  Emulators from before QMP are programs that print a help, of the few words that are read. */
#pragma once

#include <errno.h>
#include <string.h>

#include "qemu/caps_cache.h"
#include "qemu/caps_help.h"
#include "qemu/caps_private.h"
#include "qemu/emulator.h"
#include "util/error.h"
#include "util/file.h"

/* ---- emulators made by hand ---- */

typedef struct SeedSource {
        DmCapsSource source;
        GHashTable *caps; /* path -> DmCaps */
} SeedSource;

static inline DmCaps *seed_source_get(DmCapsSource *source, const char *path, GError **error)
{
        DmCaps *caps = g_hash_table_lookup(((SeedSource *)source)->caps, path);
        if (caps)
                return dm_caps_ref(caps);
        return dm_fail_null(error, DM_ERROR_UNSUPPORTED, "%s did not answer as QEMU: exited with code 0",
                            path);
}

static inline void seed_caps_free(void *caps)
{
        dm_caps_unref(caps);
}

static inline void seed_add_file(DmHost *h, const char *path, const char *real, DmFileKind kind,
                                 gboolean executable, gboolean program)
{
        DmFileFact *f = g_new0(DmFileFact, 1);
        f->kind = kind;
        f->errno_value = kind == DM_FILE_MISSING ? ENOENT : 0;
        f->executable = executable;
        f->program = program;
        f->readable = kind != DM_FILE_MISSING;
        f->real = g_strdup(real ? real : path);
        dm_host_take_fact(h, path, f);
}

/* "NAME[=ALIAS][:CPUTYPE][*][!]": * the default, ! deprecated. */
static inline DmMachine *seed_machine(char *word)
{
        DmMachine *m = g_new0(DmMachine, 1);
        char *mark = strpbrk(word, "*!");
        m->is_default = mark && *mark == '*';
        m->deprecated = mark && *mark == '!';
        if (mark)
                *mark = 0;
        char *cpu = strchr(word, ':');
        if (cpu)
                *cpu++ = 0;
        char *alias = strchr(word, '=');
        if (alias)
                *alias++ = 0;
        m->name = g_strdup(word);
        m->alias = g_strdup(alias);
        m->default_cpu_type = g_strdup(cpu);
        m->max_cpus = 255;
        return m;
}

/* The model behind a machine's default type, for the targets that list their models. */
static inline void seed_add_cpu(DmCaps *caps, const char *type)
{
        static const char *const targets[] = { "x86_64", "i386",  "arm",  "aarch64", "ppc",
                                               "ppc64",  "s390x", "mips", NULL };
        if (!type || !g_strv_contains(targets, caps->target))
                return;
        DmCpuModel *model = g_new0(DmCpuModel, 1);
        model->type = g_strdup(type);
        model->name = g_strdup(type);
        *strrchr(model->name, '-') = 0;
        *strrchr(model->name, '-') = 0;
        model->name[strcspn(model->name, "_")] = 0;
        g_ptr_array_add(caps->cpu_models, model);
}

/* Adds the emulator at @path; @machines are separated by blanks. */
static inline DmCaps *seed_add_emulator(SeedSource *s, DmHost *h, const char *path, const char *target,
                                        unsigned accels, const char *machines)
{
        DmCaps *caps = dm_caps_new(path);
        caps->target = g_strdup(target);
        caps->accels = accels;
        dm_caps_set_version(caps, 7, 2, 22, "Debian");
        g_auto(GStrv) words = g_strsplit(machines, " ", -1);
        for (char **w = words; *w; w++) {
                DmMachine *m = seed_machine(*w);
                g_ptr_array_add(caps->machines, m);
                seed_add_cpu(caps, m->default_cpu_type);
        }
        /* The devices that guests get unasked, and those that rows ask for. */
        static const char *const types[] = { "piix3-usb-uhci",
                                             "pci-ohci",
                                             "qemu-xhci",
                                             "virtio-balloon-pci",
                                             "virtio-balloon-ccw",
                                             "ide-hd",
                                             "ide-cd",
                                             "isa-fdc",
                                             "floppy",
                                             "virtio-blk-pci",
                                             "rtl8139",
                                             "isa-serial",
                                             "VGA",
                                             "cirrus-vga",
                                             "memory-backend-ram" };
        for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
                dm_caps_add(caps->types, types[i]);
        g_hash_table_replace(s->caps, g_strdup(path), caps);
        seed_add_file(h, path, NULL, DM_FILE_REGULAR, TRUE, TRUE);
        return caps;
}

#define SEED_TCG (1u << DM_ACCEL_TCG)
#define SEED_KVM (1u << DM_ACCEL_KVM)
#define SEED_PC                                                                                      \
        "pc-i440fx-7.2=pc:qemu64-x86_64-cpu* pc-q35-7.2=q35:qemu64-x86_64-cpu isapc:486-x86_64-cpu " \
        "microvm:qemu64-x86_64-cpu pc-i440fx-1.4:qemu64-x86_64-cpu! x-remote"
#define SEED_PC32 "pc-i440fx-7.2=pc:qemu32-i386-cpu* pc-q35-7.2=q35:qemu32-i386-cpu isapc:486-i386-cpu"
#define SEED_ARM  "integratorcp:arm926-arm-cpu virt-7.2=virt:cortex-a15-arm-cpu vexpress-a9"

/* ---- emulators from before QMP ---- */

#define SEED_OLD_X86 "Supported machines are:\npc         Standard PC (default)\nisapc      ISA-only PC\n"
#define SEED_OLD_PPC                                                              \
        "Supported machines are:\ng3bw       Heathrow based PowerMAC (default)\n" \
        "mac99      Mac99 based PowerMAC\nprep       PowerPC PREP platform\n"

typedef struct SeedOld {
        const char *path, *version, *options, *machines;
} SeedOld;

/* The options are those that what follows depends on; real helps have a hundred more. */
static const SeedOld seed_old[] = {
        { "/opt/k9/qemu-system-x86_64", "PC emulator version 0.9.1",
          "-no-kqemu\n-kernel-kqemu\n-name string\n", SEED_OLD_X86 },
        { "/opt/k9/qemu-system-ppc", "PC emulator version 0.9.1", "-no-kqemu\n", SEED_OLD_PPC },
        { "/opt/k9/qemu-system-sparc", "PC emulator version 0.9.1", "",
          "Supported machines are:\nsun4m      Sun4m platform (default)\n" },
        { "/opt/k9/qemu-system-mips", "PC emulator version 0.9.1", "",
          "Supported machines are:\nmips       mips r4k platform (default)\n" },
        { "/opt/k11/qemu-system-x86_64", "PC emulator version 0.11.0", "-enable-kqemu\n", SEED_OLD_X86 },
        { "/opt/v74/qemu-kvm", "PC emulator version 0.9.1 (kvm-74)", "-no-kvm\n", SEED_OLD_X86 },
        { "/opt/v10/qemu-system-x86_64", "PC emulator version 0.10.5", "-enable-kvm\n", SEED_OLD_X86 },
        { "/opt/qv/qemu", "PC emulator version 0.8.2", "-no-qvm86\n", SEED_OLD_X86 },
};

static inline char *seed_old_help(const SeedOld *o)
{
        return g_strdup_printf(
                "QEMU %s, Copyright (c) 2003-2008 Fabrice Bellard\nusage: qemu [options] [disk_image]\n"
                "-M machine      select emulated machine\n%s",
                o->version, o->options);
}

#define SEED_OLD_CPUS "x86 qemu64\nx86 486\n"

static inline void seed_add_old(SeedSource *s, DmHost *h)
{
        for (gsize i = 0; i < G_N_ELEMENTS(seed_old); i++) {
                g_autofree char *help = seed_old_help(&seed_old[i]);
                g_autoptr(GError) error = NULL;
                DmCaps *caps = dm_caps_from_help(seed_old[i].path, "x86_64", help, seed_old[i].machines,
                                                 SEED_OLD_CPUS, &error);
                g_assert_no_error(error);
                g_hash_table_replace(s->caps, g_strdup(seed_old[i].path), caps);
                seed_add_file(h, seed_old[i].path, NULL, DM_FILE_REGULAR, TRUE, TRUE);
        }
}

/* The same as programs below @dir, which stands for /opt. */
static inline void seed_write_old(const char *dir)
{
        for (gsize i = 0; i < G_N_ELEMENTS(seed_old); i++) {
                g_autofree char *path = g_strconcat(dir, seed_old[i].path + strlen("/opt"), NULL);
                g_autofree char *parent = g_path_get_dirname(path), *help = seed_old_help(&seed_old[i]);
                g_autofree char *text =
                        g_strdup_printf("#!/bin/sh\ncase \"$1\" in\n-help) cat <<'E'\n%sE\n;;\n"
                                        "-M) cat <<'E'\n%sE\n;;\n-cpu) cat <<'E'\n%sE\n;;\n"
                                        "*) echo \"qemu: invalid option -- '$1'\" >&2; exit 1\nesac\n",
                                        help, seed_old[i].machines, SEED_OLD_CPUS);
                g_autoptr(GError) error = NULL;
                g_assert_true(dm_make_dirs(parent, 0755, &error));
                g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_NONE, 0755, &error);
                g_assert_no_error(error);
        }
}

/* ---- firmware files ---- */

static const struct {
        const char *path, *content;
} seed_files[] = {
        { "/opt/fw/code.fd", "code" },
        { "/opt/fw/vars.fd", "vars" },
        { "/opt/fw/bios.bin", "bios" },
        { "/opt/fw/openbios", "\x7f"
                              "ELF" }, /* firmware may be ELF; what makes a program is the x bit */
};

static inline void seed_write_files(const char *dir)
{
        g_autofree char *parent = g_build_filename(dir, "fw", NULL);
        g_autoptr(GError) error = NULL;
        g_assert_true(dm_make_dirs(parent, 0755, &error));
        for (gsize i = 0; i < G_N_ELEMENTS(seed_files); i++) {
                g_autofree char *path = g_strconcat(dir, seed_files[i].path + strlen("/opt"), NULL);
                g_file_set_contents_full(path, seed_files[i].content, -1, G_FILE_SET_CONTENTS_NONE, 0644,
                                         &error);
                g_assert_no_error(error);
        }
}

static inline void seed_add_files(DmHost *h)
{
        for (gsize i = 0; i < G_N_ELEMENTS(seed_files); i++)
                seed_add_file(h, seed_files[i].path, NULL, DM_FILE_REGULAR, FALSE,
                              g_str_has_suffix(seed_files[i].path, "openbios"));
        seed_add_file(h, "/usr/share", NULL, DM_FILE_DIRECTORY, FALSE, FALSE);
        seed_add_file(h, "/no/such/file", NULL, DM_FILE_MISSING, FALSE, FALSE);
        seed_add_file(h, "/bin/true", NULL, DM_FILE_REGULAR, TRUE, TRUE);
}

/* ---- hosts ---- */

typedef enum SeedHost {
        H,   /* x86_64, KVM usable, emulators of many architectures */
        H0,  /* no /dev/kvm */
        H1,  /* no access to it */
        H2,  /* KVM_CREATE_VM fails */
        H2B, /* API version 11 */
        HX,  /* with Xen's hypervisor */
        H64, /* no qemu-system-i386 */
        HK,  /* H and /dev/kqemu */
        HQ,  /* an i686 host with /dev/qvm86 */
} SeedHost;

#define SEED_XEN "xen-3.0-x86_64 xen-3.0-x86_32p hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64"

/* Makes @h the host of @kind, whatever it was. */
static inline void seed_set_kind(DmHost *h, SeedHost kind)
{
        static const struct {
                SeedHost kind;
                DmKvmState state;
                int errno_value;
        } states[] = { { H0, DM_KVM_NO_DEVICE, ENOENT },
                       { H1, DM_KVM_NO_ACCESS, EACCES },
                       { H2, DM_KVM_CREATE_FAILED, ENOTTY },
                       { H2B, DM_KVM_BAD_API, 0 } };
        h->kvm = DM_KVM_USABLE;
        h->kvm_errno = 0;
        h->kvm_api = kind == H2B ? 11 : 12;
        for (gsize i = 0; i < G_N_ELEMENTS(states); i++)
                if (states[i].kind == kind) {
                        h->kvm = states[i].state;
                        h->kvm_errno = states[i].errno_value;
                }
        g_free(h->user);
        h->user = g_strdup("guestrunner");
        g_free(h->arch);
        h->arch = g_strdup(kind == HQ ? "i686" : "x86_64");
        h->dev_kqemu = kind == HK;
        h->dev_qvm86 = kind == HQ;
        g_free(h->xen);
        h->xen = kind == HX ? g_strdup(SEED_XEN) : NULL;
        for (guint i = h->programs->len; kind == H64 && i-- > 0;)
                if (g_str_has_suffix(g_ptr_array_index(h->programs, i), "-i386"))
                        g_ptr_array_remove_index(h->programs, i);
}

static inline void seed_add_program(SeedSource *s, DmHost *h, const char *name, const char *target,
                                    unsigned accels, const char *machines)
{
        g_autofree char *path = g_strdup_printf("/usr/bin/qemu-system-%s", name);
        seed_add_emulator(s, h, path, target, accels, machines);
        dm_host_add_program(h, path);
}

static inline void seed_add_usual(SeedSource *s, DmHost *h)
{
        static const struct {
                const char *name, *target;
                unsigned accels;
                const char *machines;
        } rows[] = {
                { "x86_64", "x86_64", SEED_TCG | SEED_KVM, SEED_PC },
                { "i386", "i386", SEED_TCG | SEED_KVM, SEED_PC32 },
                { "sparc", "sparc", SEED_TCG, "SS-5:Fujitsu-MB86904-sparc-cpu* SS-10 leon3_generic" },
                { "ppc", "ppc", SEED_TCG,
                  "g3beige:750_v3.1-powerpc-cpu* mac99:7400_v2.9-powerpc-cpu 40p bamboo" },
                { "ppc64", "ppc64", SEED_TCG,
                  "pseries-7.2=pseries:power9_v2.0-powerpc64-cpu* mac99 g3beige 40p" },
                { "mips", "mips", SEED_TCG, "malta:24Kf-mips-cpu* mipssim" },
                { "arm", "arm", SEED_TCG, SEED_ARM },
                { "aarch64", "aarch64", SEED_TCG, SEED_ARM },
                { "s390x", "s390x", SEED_TCG,
                  "s390-ccw-virtio-7.2=s390-ccw-virtio:qemu-s390x-cpu* s390-ccw-virtio-7.1" },
                { "hppa", "hppa", SEED_TCG, "hppa:hppa-cpu*" },
                { "or1k", "or1k", SEED_TCG, "or1k-sim:or1200-or1k-cpu* virt" },
                { "riscv64", "riscv64", SEED_TCG, "spike:rv64-riscv-cpu* virt:rv64-riscv-cpu" },
        };
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
                seed_add_program(s, h, rows[i].name, rows[i].target, rows[i].accels, rows[i].machines);
}

static inline DmHost *seed_host(SeedHost kind, SeedSource *s)
{
        DmHost *h = dm_host_new("x86_64");
        *s = (SeedSource){ { .get = seed_source_get }, NULL };
        s->caps = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, seed_caps_free);
        seed_add_usual(s, h);
        seed_add_old(s, h);
        seed_add_files(h);
        seed_set_kind(h, kind);
        return h;
}

/* ---- this machine ---- */

typedef struct SeedReal {
        DmHost *host;
        DmCapsCache *cache;
        char *dir; /* stands for /opt */
} SeedReal;

static inline void seed_real_open(SeedReal *r)
{
        g_autoptr(GError) error = NULL;
        r->dir = g_dir_make_tmp("dm-seeds-XXXXXX", &error);
        g_assert_no_error(error);
        seed_write_old(r->dir);
        seed_write_files(r->dir);
        r->host = dm_host_load(NULL);
        r->cache = dm_caps_cache_new(&(DmCapsCacheOptions){ 0 });
}

static inline void seed_real_close(SeedReal *r)
{
        dm_caps_cache_free(r->cache);
        dm_host_unref(r->host);
        g_assert_true(dm_remove_tree(r->dir, NULL));
        g_free(r->dir);
}

/* TRUE when this machine has the emulators of the @targets, separated by blanks. */
static inline gboolean seed_real_installed(const SeedReal *r, const char *targets)
{
        g_auto(GStrv) words = g_strsplit(targets, " ", -1);
        for (char **w = words; *w; w++) {
                g_autofree char *name = g_strconcat("qemu-system-", *w, NULL);
                if (!dm_host_program(r->host, name))
                        return FALSE;
        }
        return TRUE;
}

/* … where, and of the version that, the rows say. */
static inline gboolean seed_real_has(const SeedReal *r, const char *targets)
{
        g_auto(GStrv) words = g_strsplit(targets, " ", -1);
        for (char **w = words; *w; w++) {
                g_autofree char *path = g_strconcat("/usr/bin/qemu-system-", *w, NULL);
                g_autoptr(DmCaps) caps =
                        dm_host_program(r->host, path)
                                ? dm_caps_source_get(dm_caps_cache_source(r->cache), path, NULL)
                                : NULL;
                if (!caps || caps->version / 1000 != DM_QEMU_VERSION(7, 2, 0) / 1000)
                        return FALSE;
        }
        return strcmp(r->host->arch, "x86_64") == 0;
}
