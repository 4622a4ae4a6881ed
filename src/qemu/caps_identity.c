/* Identity of an emulator.  Never its version alone: distributions patch without changing it, a wrapper can
 * start another program tomorrow, modules bring devices and accelerators, and what KVM offers depends on
 * kernel and processor. */
#include "qemu/caps_identity.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "qemu/caps_ask.h"
#include "qemu/caps_private.h"
#include "util/fd.h"

/* To be raised when answers are read differently; the questions themselves are part of the identity. */
#define READING 1

#define CPUINFO_BYTES 8192 /* the first processor of an x86 takes 2 KB */

/* The file as such: another one, or a changed one, has another text. */
static void add_file(GString *id, const char *what, const char *path)
{
        struct stat s;
        if (stat(path, &s) < 0) {
                g_string_append_printf(id, "%s none %d\n", what, errno);
                return;
        }
        g_string_append_printf(id,
                               "%s %u:%u %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %lld.%09ld %lld.%09ld\n",
                               what, major(s.st_dev), minor(s.st_dev), (guint64)s.st_ino, (gint64)s.st_size,
                               (long long)s.st_mtim.tv_sec, s.st_mtim.tv_nsec, (long long)s.st_ctim.tv_sec,
                               s.st_ctim.tv_nsec);
}

/* Who may open it, and whether it is the same device; its times change with every use. */
static void add_device(GString *id, const char *path)
{
        struct stat s;
        if (stat(path, &s) < 0)
                g_string_append_printf(id, "kvm none %d\n", errno);
        else
                g_string_append_printf(id, "kvm %u:%u %" G_GUINT64_FORMAT " %u:%u %o %u %u\n",
                                       major(s.st_dev), minor(s.st_dev), (guint64)s.st_ino, major(s.st_rdev),
                                       minor(s.st_rdev), (unsigned)s.st_mode, (unsigned)s.st_uid,
                                       (unsigned)s.st_gid);
}

/* Lines of the first processor in /proc/cpuinfo but for those that change from moment to moment. */
static void add_processor(GString *id)
{
        char text[CPUINFO_BYTES + 1];
        dm_autofd int fd = open("/proc/cpuinfo", O_RDONLY | O_CLOEXEC);
        gsize length = 0;
        for (ssize_t n = 1; fd >= 0 && n > 0 && length < CPUINFO_BYTES; length += (gsize)MAX(n, 0))
                n = read(fd, text + length, CPUINFO_BYTES - length);
        text[length] = '\0';
        char *end = strstr(text, "\n\n");
        if (end)
                *end = '\0';
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        for (char **line = lines; *line; line++)
                if (!strstr(*line, "MHz") && !g_str_has_prefix(*line, "bogomips") &&
                    !g_str_has_prefix(*line, "BogoMIPS"))
                        g_string_append_printf(id, "%s\n", *line);
}

char *dm_caps_identity_base(const DmProbeOptions *options)
{
        g_autoptr(GString) text = g_string_new(NULL);
        struct utsname u;
        g_string_append_printf(text, "domus %s %d\n", DOMUS_VERSION, READING);
        dm_caps_ask_describe(text);
        g_string_append_printf(text, "user %u %u", (unsigned)(options->set_ids ? options->uid : geteuid()),
                               (unsigned)(options->set_ids ? options->gid : getegid()));
        for (gsize i = 0; options->set_ids && i < options->n_groups; i++)
                g_string_append_printf(text, " %u", (unsigned)options->groups[i]);
        if (uname(&u) == 0)
                g_string_append_printf(text, "\n%s %s %s\n", u.release, u.version, u.machine);
        add_processor(text);
        return g_compute_checksum_for_string(G_CHECKSUM_SHA1, text->str, (gssize)text->len);
}

char *dm_caps_identity(const char *base, const char *path, const char *kvm_device, const DmCaps *caps)
{
        GString *id = g_string_new(NULL);
        g_string_append_printf(id, "base %s\n", base);
        add_file(id, "file", path);
        if (caps && caps->program)
                add_file(id, "program", caps->program);
        for (char **dir = caps ? caps->module_dirs : NULL; dir && *dir; dir++)
                add_file(id, "modules", *dir);
        if (!caps || dm_caps_has_accel(caps, DM_ACCEL_KVM))
                add_device(id, kvm_device);
        return g_string_free(id, FALSE);
}
