/* Looking at the host: processors, accelerator devices, programs.  (Files that documents name: host_files.c.)
 *
 * Loading takes 3 to 10 ms; who asks often keeps a DmHostCache.
 * Nothing fails: a fact that cannot be had is absent, and what needs it says so with the fact's name. */
#include "qemu/host_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pwd.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "qemu/arch.h"
#include "util/fd.h"
#include "util/file.h"

/* The kernel prints a block per processor; the first one has all that is wanted. */
#define CPUINFO_BYTES    16384
#define KVM_API_VERSION  12
#define PASSWD_BYTES     16384
#define DEFAULT_PATH     "/usr/local/bin:/usr/bin:/bin"
#define XEN_CAPABILITIES "/sys/hypervisor/properties/capabilities"

/* Where packagers of Xen put its device model and loader. */
static const char *const xen_device_models[] = { "/usr/lib/xen/bin/qemu-dm", "/usr/lib64/xen/bin/qemu-dm",
                                                 "/usr/lib/xen/bin/qemu-system-i386",
                                                 "/usr/libexec/xen-qemu-system-i386" };
static const char *const xen_loaders[] = { "/usr/lib/xen/boot/hvmloader", "/usr/lib64/xen/boot/hvmloader",
                                           "/usr/libexec/xen/boot/hvmloader" };

/* ---- life cycle ---- */

static void fact_free(void *p)
{
        DmFileFact *f = p;
        g_free(f->real);
        g_free(f->format);
        g_free(f);
}

static void firmware_free(void *p)
{
        dm_json_unref(p);
}

DmHost *dm_host_new(const char *arch)
{
        DmHost *h = g_new0(DmHost, 1);
        g_atomic_ref_count_init(&h->refs);
        h->arch = g_strdup(arch);
        h->cpus = h->sockets = h->dies = h->cores = h->threads = 1;
        h->page_size = 4096;
        h->kvm = DM_KVM_NO_DEVICE;
        h->kvm_errno = ENOENT;
        h->user = g_strdup("root");
        h->hostname = g_strdup("localhost");
        h->programs = g_ptr_array_new_with_free_func(g_free);
        h->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, fact_free);
        h->firmwares = g_ptr_array_new_with_free_func(firmware_free);
        h->sources = g_ptr_array_new_with_free_func(g_free);
        return h;
}

DmHost *dm_host_ref(DmHost *h)
{
        g_atomic_ref_count_inc(&h->refs);
        return h;
}

void dm_host_unref(DmHost *h)
{
        if (!h || !g_atomic_ref_count_dec(&h->refs))
                return;
        char *strings[] = { h->arch,       h->cpu_vendor, h->cpu_model, h->xen, h->xen_device_model,
                            h->xen_loader, h->user,       h->hostname,  h->uuid };
        for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
                g_free(strings[i]);
        g_strfreev(h->cpu_flags);
        g_strfreev(h->huge_pages);
        if (h->cells)
                g_ptr_array_unref(h->cells);
        g_ptr_array_unref(h->programs);
        g_hash_table_unref(h->files);
        g_ptr_array_unref(h->firmwares);
        g_ptr_array_unref(h->sources);
        g_free(h);
}

DmHost *dm_host_copy(const DmHost *h)
{
        DmHost *copy = g_memdup2(h, sizeof(*h));
        g_atomic_ref_count_init(&copy->refs);
        char **strings[] = { &copy->arch, &copy->cpu_vendor,       &copy->cpu_model,
                             &copy->xen,  &copy->xen_device_model, &copy->xen_loader,
                             &copy->user, &copy->hostname,         &copy->uuid };
        for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
                *strings[i] = g_strdup(*strings[i]);
        copy->cpu_flags = g_strdupv(h->cpu_flags);
        copy->huge_pages = g_strdupv(h->huge_pages);
        copy->cells = h->cells ? g_ptr_array_ref(h->cells) : NULL;
        copy->programs = g_ptr_array_new_with_free_func(g_free);
        for (guint i = 0; i < h->programs->len; i++)
                g_ptr_array_add(copy->programs, g_strdup(g_ptr_array_index(h->programs, i)));
        copy->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, fact_free);
        GHashTableIter iter;
        gpointer path, fact;
        g_hash_table_iter_init(&iter, h->files);
        while (g_hash_table_iter_next(&iter, &path, &fact)) {
                DmFileFact *f = g_memdup2(fact, sizeof(*f));
                f->real = g_strdup(f->real);
                f->format = g_strdup(f->format);
                dm_host_take_fact(copy, path, f);
        }
        /* Shared: only read, and json-c's own reference counts are not touched. */
        copy->firmwares = g_ptr_array_ref(h->firmwares);
        copy->sources = g_ptr_array_ref(h->sources);
        return copy;
}

void dm_host_add_source(DmHost *h, const char *path)
{
        g_ptr_array_add(h->sources, g_strdup(path));
}

static const char *first_existing(const char *const *paths, gsize n)
{
        for (gsize i = 0; i < n; i++)
                if (access(paths[i], F_OK) == 0)
                        return paths[i];
        return NULL;
}

/* ---- processors ---- */

static char *machine_name(void)
{
        static const struct {
                const char *pattern, *arch;
        } names[] = { { "i?86", "i686" },
                      { "armv8*", "armv7l" },
                      { "armv7*", "armv7l" },
                      { "arm*", "armv6l" },
                      { "or1k", "openrisc" } };
        struct utsname u;
        if (uname(&u) < 0)
                return g_strdup("unknown");
        const DmArch *a = dm_arch_find(u.machine);
        for (gsize i = 0; !a && i < G_N_ELEMENTS(names); i++)
                if (g_pattern_match_simple(names[i].pattern, u.machine))
                        return g_strdup(names[i].arch);
        return g_strdup(a ? a->name : u.machine);
}

static void read_cpuinfo(DmHost *h)
{
        g_autofree char *text = dm_host_read_start("/proc/cpuinfo", CPUINFO_BYTES);
        if (!text)
                return;
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        for (char **l = lines; *l; l++) {
                char *colon = strchr(*l, ':');
                if (!colon)
                        continue;
                *colon = 0;
                const char *key = g_strstrip(*l), *value = g_strstrip(colon + 1);
                if (strcmp(key, "vendor_id") == 0 && !h->cpu_vendor)
                        h->cpu_vendor = g_strdup(value);
                else if ((strcmp(key, "model name") == 0 || strcmp(key, "cpu") == 0) && !h->cpu_model)
                        h->cpu_model = g_strdup(value);
                else if ((strcmp(key, "flags") == 0 || strcmp(key, "Features") == 0) && !h->cpu_flags)
                        h->cpu_flags = g_strsplit(value, " ", -1);
        }
}

static char *host_uuid(void)
{
        g_autofree char *id = dm_host_read_trimmed("/sys/class/dmi/id/product_uuid");
        if (!id)
                id = dm_host_read_trimmed("/etc/machine-id");
        if (!id)
                return NULL;
        GString *plain = g_string_new(NULL);
        for (const char *c = id; *c; c++)
                if (g_ascii_isxdigit(*c))
                        g_string_append_c(plain, g_ascii_tolower(*c));
        if (plain->len == 32)
                for (gsize i = 0; i < 4; i++)
                        g_string_insert_c(plain, (gssize)(8 + 5 * i), '-');
        gboolean valid = plain->len == 36;
        return g_string_free(plain, !valid);
}

/* ---- accelerators ---- */

static const char *const devices[] = { "/dev/kvm", "/dev/kqemu", "/dev/qvm86", XEN_CAPABILITIES };

DmKvmState dm_host_test_kvm(int *ret_errno, int *ret_api)
{
        *ret_errno = *ret_api = 0;
        dm_autofd int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
        if (kvm < 0) {
                *ret_errno = errno;
                return errno == ENOENT ? DM_KVM_NO_DEVICE : DM_KVM_NO_ACCESS;
        }
        *ret_api = ioctl(kvm, KVM_GET_API_VERSION, 0);
        if (*ret_api != KVM_API_VERSION) {
                *ret_errno = *ret_api < 0 ? errno : 0;
                return DM_KVM_BAD_API;
        }
        /* The only true test: cpuinfo's vmx and svm say nothing under nested or para-virtual KVM. */
        dm_autofd int vm = ioctl(kvm, KVM_CREATE_VM, 0);
        if (vm < 0) {
                *ret_errno = errno;
                return DM_KVM_CREATE_FAILED;
        }
        return DM_KVM_USABLE;
}

char *dm_host_kvm_reason(const DmHost *h)
{
        switch (h->kvm) {
        case DM_KVM_NO_DEVICE:
                return g_strdup("/dev/kvm does not exist");
        case DM_KVM_NO_ACCESS:
                return g_strdup_printf("/dev/kvm: %s (as user %s)", g_strerror(h->kvm_errno), h->user);
        case DM_KVM_BAD_API:
                if (h->kvm_api < 0)
                        return g_strdup_printf(
                                "/dev/kvm: KVM_GET_API_VERSION failed: %s; KVM API version %d needed",
                                g_strerror(h->kvm_errno), KVM_API_VERSION);
                return g_strdup_printf("KVM API version %d, %d needed", h->kvm_api, KVM_API_VERSION);
        case DM_KVM_CREATE_FAILED:
                return g_strdup_printf("KVM_CREATE_VM failed: %s", g_strerror(h->kvm_errno));
        case DM_KVM_USABLE:
                break;
        }
        return NULL;
}

void dm_host_load_kvm(DmHost *h)
{
        h->kvm = dm_host_test_kvm(&h->kvm_errno, &h->kvm_api);
        /* Tested with our own rights; the emulator may have fewer. */
        if (h->kvm == DM_KVM_USABLE && !dm_host_may(h, "/dev/kvm", R_OK | W_OK)) {
                h->kvm = DM_KVM_NO_ACCESS;
                h->kvm_errno = EACCES;
        }
}

static void test_accelerators(DmHost *h)
{
        dm_host_load_kvm(h);
        for (gsize i = 0; i < G_N_ELEMENTS(devices); i++)
                dm_host_add_source(h, devices[i]);
        h->dev_kqemu = access("/dev/kqemu", F_OK) == 0;
        h->dev_qvm86 = access("/dev/qvm86", F_OK) == 0;
        h->xen = dm_host_read_trimmed(XEN_CAPABILITIES);
        if (!h->xen)
                return;
        h->xen_device_model = g_strdup(first_existing(xen_device_models, G_N_ELEMENTS(xen_device_models)));
        h->xen_loader = g_strdup(first_existing(xen_loaders, G_N_ELEMENTS(xen_loaders)));
}

/* ---- programs ---- */

void dm_host_add_program(DmHost *h, const char *path)
{
        g_ptr_array_add(h->programs, g_strdup(path));
}

static void find_programs(DmHost *h, const char *search)
{
        g_auto(GStrv) dirs = g_strsplit(search, ":", -1);
        g_auto(GStrv) names = dm_arch_all_candidates();
        for (char **d = dirs; *d; d++) {
                if (!g_path_is_absolute(*d))
                        continue; /* an emulator is stored by its path, which must mean the same from anywhere
                                   */
                dm_host_add_source(h, *d);
                for (char **n = names; *n; n++) {
                        g_autofree char *path = g_build_filename(*d, *n, NULL);
                        if (!strchr(*n, '/') && access(path, F_OK) == 0 && !dm_host_program(h, path))
                                dm_host_add_program(h, path);
                }
        }
        for (char **n = names; *n; n++) {
                if (**n != '/')
                        continue;
                dm_host_add_source(h, *n);
                if (access(*n, F_OK) == 0)
                        dm_host_add_program(h, *n);
        }
        for (guint i = 0; i < h->programs->len; i++)
                dm_host_gather_path(h, g_ptr_array_index(h->programs, i));
}

const char *dm_host_program(const DmHost *h, const char *name)
{
        for (guint i = 0; i < h->programs->len; i++) {
                const char *path = g_ptr_array_index(h->programs, i);
                const char *slash = strrchr(path, '/');
                if (strcmp(strchr(name, '/') || !slash ? path : slash + 1, name) == 0)
                        return path;
        }
        return NULL;
}

/* ---- loading ---- */

static char *user_name(uid_t uid)
{
        struct passwd entry, *found = NULL;
        g_autofree char *buffer = g_malloc(PASSWD_BYTES);
        if (getpwuid_r(uid, &entry, buffer, PASSWD_BYTES, &found) == 0 && found)
                return g_strdup(entry.pw_name);
        return g_strdup_printf("+%u", (unsigned)uid);
}

DmHost *dm_host_load_for(const char *path, uid_t uid, gid_t gid)
{
        g_autofree char *arch = machine_name();
        DmHost *h = dm_host_new(arch);
        h->uid = uid;
        h->gid = gid;
        g_free(h->user);
        h->user = user_name(uid);
        g_free(h->hostname);
        h->hostname = g_strdup(g_get_host_name());
        h->uuid = host_uuid();
        read_cpuinfo(h);
        dm_host_load_topology(h);
        test_accelerators(h);
        const char *search = path ? path : g_getenv("PATH");
        find_programs(h, search ? search : DEFAULT_PATH);
        dm_host_load_firmwares(h, "");
        return h;
}

DmHost *dm_host_load(const char *path)
{
        return dm_host_load_for(path, geteuid(), getegid());
}
