/* Guests for tests: the table of boards, what each needs of this machine, and their consoles.  Starting them
 * is the test's business; only the probe guest of dm_guest_kvm_runs() is started here. */
#include "lib/guests.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"
#include "util/fd.h"
#include "util/file.h"
#include "util/process.h"

#define READY          "DOMUS-GUEST-READY "
#define IMAGES         "/var/lib/domus/images/" /* where the examples keep their images */
#define EXAMPLE_MAX    (64 * 1024)
#define DISK_MAX       (64 * 1024 * 1024)
#define TRANSCRIPT_MAX (16 * 1024 * 1024)
#define KVM_PROBE_MS   2000
#define KVM_END_MS     1000

#define X86       "qemu-system-x86_64"
#define TYPED     (DM_GUEST_ECHO | DM_GUEST_TYPED)
#define BUTTON    (TYPED | DM_GUEST_BUTTON)
#define FIRMWARE  (DM_GUEST_PROMPT | DM_GUEST_TYPED)
#define LINUX     (DM_GUEST_SHELL | DM_GUEST_TYPED | DM_GUEST_SLOW)
#define SEED      DM_GUEST_SEED
#define OFF       "power-off\r"
#define SHELL_OFF "poweroff -f\n"
#define PROMPT    "0 > "

/* clang-format off */
static const DmGuestBoard boards[] = {
        { "x86_64-pc", X86, { "x86.elf" }, READY "pc", 30, BUTTON, "!p" },
        { "x86_64-q35", X86, { "x86.elf" }, READY "q35", 30, BUTTON, "!p" },
        { "x86_64-isapc", X86, { "x86.elf" }, READY "isapc", 30, DM_GUEST_ECHO, NULL },
        { "x86_64-microvm", X86, { "x86.elf" }, READY "microvm", 30, BUTTON, "!p" },
        { "x86_64-microvm-kvm", X86, { "x86.elf" }, READY "microvm", 30, DM_GUEST_KVM, NULL },
        { "x86_64-pvh", X86, { "x86-pvh.elf" }, READY "pc", 30, BUTTON, "!p" },
        { "x86_64-pc-disk", X86, { "bootsect.img" }, READY "bootsect", 30, 0, NULL },
        { "typical-q35", X86, { "bootsect.img" }, READY "bootsect", 60, 0, NULL },
        { "i686-pc", "qemu-system-i386", { "x86.elf" }, READY "pc", 30, BUTTON, "!p" },
        { "aarch64-virt", "qemu-system-aarch64", { "aarch64.elf" }, READY "aarch64-virt", 30,
          BUTTON, "!p" },
        { "armv7l-virt", "qemu-system-arm", { "arm.elf" }, READY "arm-virt", 30, BUTTON, "!p" },
        { "riscv64-virt", "qemu-system-riscv64", { "riscv64.elf" }, READY "riscv64-virt", 30,
          TYPED | DM_GUEST_MUTE_END, "!p" },
        { "mips-malta", "qemu-system-mips", { "mips.elf" }, READY "mips-malta", 30,
          TYPED | DM_GUEST_BY_RESET, "!p" },
        { "mipsel-malta", "qemu-system-mipsel", { "mipsel.elf" }, READY "mipsel-malta", 30,
          TYPED | DM_GUEST_BY_RESET, "!p" },
        { "m68k-virt", "qemu-system-m68k", { "m68k.elf" }, READY "m68k-virt", 30, TYPED, "!p" },
        { "s390x", "qemu-system-s390x", { "s390x.elf" }, READY "s390x-ccw", 30, BUTTON, "!p" },

        { "ppc-g3beige", "qemu-system-ppc", { NULL }, PROMPT, 60, DM_GUEST_PROMPT, NULL },
        { "ppc-mac99", "qemu-system-ppc", { NULL }, PROMPT, 60, DM_GUEST_PROMPT, NULL },
        { "ppc-40p", "qemu-system-ppc", { NULL }, PROMPT, 60, DM_GUEST_PROMPT, NULL },
        { "ppc64-pseries", "qemu-system-ppc64", { NULL }, PROMPT, 90, FIRMWARE | DM_GUEST_SLOW, OFF },
        { "sparc-SS-5", "qemu-system-sparc", { NULL }, PROMPT, 90, FIRMWARE | DM_GUEST_SLOW, OFF },
        { "sparc64-sun4u", "qemu-system-sparc64", { NULL }, PROMPT, 60, FIRMWARE, OFF },

        { "seed-x86_64-qemu", X86, { "bootsect.img" }, READY "bootsect", 30, SEED, NULL },
        { "seed-x86_64-kvm", X86, { "x86.elf" }, READY "pc", 60,
          SEED | DM_GUEST_KVM | DM_GUEST_SLOW, NULL },
        { "seed-x86_64-kvm-loader", X86, { "x86.elf" }, READY "microvm", 30, SEED | DM_GUEST_KVM, NULL },
        { "seed-i686-isapc", "qemu-system-i386", { "x86.elf" }, READY "isapc", 30,
          SEED | DM_GUEST_ECHO, NULL },
        { "seed-arm", "qemu-system-arm", { "arm-integratorcp.elf" }, READY "arm-integratorcp", 30,
          SEED, NULL },
        { "seed-mips", "qemu-system-mips", { "mips.elf" }, READY "mips-malta", 30,
          SEED | TYPED | DM_GUEST_BY_RESET, "!p" },
        { "seed-ppc-g3bw", "qemu-system-ppc", { NULL }, PROMPT, 60, SEED | DM_GUEST_PROMPT, NULL },
        { "seed-ppc-mac99", "qemu-system-ppc", { NULL }, PROMPT, 60, SEED | DM_GUEST_PROMPT, NULL },
        { "seed-ppc-prep", "qemu-system-ppc", { NULL }, PROMPT, 60, SEED | DM_GUEST_PROMPT, NULL },
        { "seed-sparc-sun4m", "qemu-system-sparc", { NULL }, PROMPT, 90,
          SEED | FIRMWARE | DM_GUEST_SLOW, OFF },

        { "linux-x86_64", X86, { "amd64.linux", "amd64.cpio" }, READY "x86_64", 90,
          LINUX | DM_GUEST_BUTTON, SHELL_OFF },
        { "linux-x86_64-isapc", X86, { "amd64.linux", "amd64.cpio" }, READY "x86_64", 90,
          DM_GUEST_SHELL | DM_GUEST_SLOW, NULL },
        { "linux-aarch64", "qemu-system-aarch64", { "arm64.linux", "arm64.cpio" }, READY "aarch64", 90,
          LINUX, SHELL_OFF },
        { "linux-armv7l", "qemu-system-arm", { "armhf.linux", "armhf.cpio" }, READY "armv7l", 120,
          LINUX | DM_GUEST_BUTTON, SHELL_OFF },
        { "linux-ppc64le", "qemu-system-ppc64", { "ppc64el.linux", "ppc64el.cpio" }, READY "ppc64le", 120,
          LINUX | DM_GUEST_BUTTON, SHELL_OFF },
        { "linux-mipsel", "qemu-system-mipsel", { "mipsel.linux", "mipsel.cpio" }, READY "mips", 120,
          LINUX, SHELL_OFF },
        { "linux-s390x", "qemu-system-s390x", { "s390x.linux", "s390x.cpio" }, READY "s390x", 120,
          LINUX | DM_GUEST_BUTTON, SHELL_OFF },
};
/* clang-format on */

const DmGuestBoard *dm_guest_boards(gsize *ret_n)
{
        *ret_n = G_N_ELEMENTS(boards);
        return boards;
}

const DmGuestBoard *dm_guest_board(const char *name)
{
        for (gsize i = 0; i < G_N_ELEMENTS(boards); i++)
                if (strcmp(boards[i].name, name) == 0)
                        return &boards[i];
        g_error("no guest is called '%s'", name);
}

/* ---- where things are ---- */

/* The build directory: tests/run names it; a test run by hand lies in BUILD/tests/LAYER. */
static char *build_dir(void)
{
        const char *given = g_getenv("DOMUS_BUILD");
        if (given != NULL)
                return g_strdup(given);
        g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
        g_autofree char *layer = g_path_get_dirname(program);
        g_autofree char *tests = g_path_get_dirname(layer);
        return g_path_get_dirname(tests);
}

char *dm_guest_image(const char *name)
{
        g_autofree char *build = build_dir();
        /* Kernels are fetched once, into build/cache; other build directories lie below build. */
        const char *const places[] = { "guests", "cache", "../cache" };
        for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
                g_autofree char *path = g_build_filename(build, places[i], name, NULL);
                g_autofree char *clean = g_canonicalize_filename(path, NULL);
                if (g_file_test(clean, G_FILE_TEST_IS_REGULAR))
                        return g_steal_pointer(&clean);
        }
        return NULL;
}

char *dm_guest_examples_dir(void)
{
        g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
        g_autofree char *here = g_path_get_dirname(program);
        while (strcmp(here, "/") != 0 && strcmp(here, ".") != 0) {
                g_autofree char *mark = g_build_filename(here, "examples", "hello.xml", NULL);
                if (g_file_test(mark, G_FILE_TEST_EXISTS))
                        return g_path_get_dirname(mark);
                char *above = g_path_get_dirname(here);
                g_free(here);
                here = above;
        }
        return g_strdup("examples");
}

/* ---- what is there ---- */

/* The reason that the build script gives for an image that is not there. */
static char *why_missing(const char *image)
{
        if (g_str_has_suffix(image, ".linux") || g_str_has_suffix(image, ".cpio"))
                return g_strdup_printf("no %s (scripts/fetch-guests fetches it)", image);
        g_autofree char *build = build_dir();
        g_autofree char *path = g_build_filename(build, "guests", "missing", NULL);
        g_autofree char *text = NULL;
        gsize length = 0;
        if (dm_file_read(path, EXAMPLE_MAX, &text, &length, NULL)) {
                g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
                gsize name_length = strlen(image);
                for (char **line = lines; *line != NULL; line++)
                        if (g_str_has_prefix(*line, image) && (*line)[name_length] == ' ')
                                return g_strdup_printf("no %s: %s", image, *line + name_length + 1);
        }
        return g_strdup_printf("no %s (make guests builds it)", image);
}

gboolean dm_guest_available(const DmGuestBoard *board, char **ret_reason)
{
        g_autofree char *binary = g_find_program_in_path(board->binary);
        if (binary == NULL) {
                *ret_reason = g_strdup_printf("%s is not installed", board->binary);
                return FALSE;
        }
        for (gsize i = 0; i < G_N_ELEMENTS(board->images) && board->images[i] != NULL; i++) {
                g_autofree char *path = dm_guest_image(board->images[i]);
                if (path == NULL) {
                        *ret_reason = why_missing(board->images[i]);
                        return FALSE;
                }
        }
        if ((board->flags & DM_GUEST_KVM) != 0)
                return dm_guest_kvm_runs(ret_reason);
        return TRUE;
}

/* ---- documents ---- */

/* @name as a guest may use it: a kernel where it is, a disk as a copy in @dir. */
static char *image_for_guest(const char *name, const char *dir, GError **error)
{
        g_autofree char *path = dm_guest_image(name);
        if (path == NULL)
                return dm_fail_null(error, DM_ERROR_NOT_FOUND, "image '%s' was neither built nor fetched",
                                    name);
        if (!g_str_has_suffix(name, ".img"))
                return g_steal_pointer(&path);
        g_autofree char *content = NULL;
        gsize length = 0;
        if (!dm_file_read(path, DISK_MAX, &content, &length, error))
                return NULL;
        g_autofree char *copy = g_build_filename(dir, name, NULL);
        if (!dm_file_write_atomic(copy, content, length, 0666, DM_FILE_PLAIN, error))
                return NULL;
        return g_steal_pointer(&copy);
}

/* Replaces each path below IMAGES in @text. */
static char *put_images_in(const char *text, const char *dir, GError **error)
{
        g_autoptr(GString) result = g_string_new(NULL);
        const char *at = text;
        const char *found;
        while ((found = strstr(at, IMAGES)) != NULL) {
                const char *name = found + strlen(IMAGES);
                gsize length = strcspn(name, "'\"<> \n");
                g_autofree char *image = g_strndup(name, length);
                g_autofree char *path = image_for_guest(image, dir, error);
                if (path == NULL)
                        return NULL;
                g_string_append_len(result, at, found - at);
                g_autofree char *escaped = g_markup_escape_text(path, -1);
                g_string_append(result, escaped);
                at = name + length;
        }
        g_string_append(result, at);
        return g_string_free(g_steal_pointer(&result), FALSE);
}

char *dm_guest_example_xml(const char *name, const char *dir, GError **error)
{
        g_autofree char *examples = dm_guest_examples_dir();
        g_autofree char *file = g_strconcat(name, ".xml", NULL);
        g_autofree char *path = g_build_filename(examples, file, NULL);
        g_autofree char *text = NULL;
        gsize length = 0;
        if (!dm_file_read(path, EXAMPLE_MAX, &text, &length, error))
                return NULL;
        return put_images_in(text, dir, error);
}

char *dm_guest_board_xml(const DmGuestBoard *board, const char *dir, GError **error)
{
        return dm_guest_example_xml(board->name, dir, error);
}

/* ---- consoles ---- */

gboolean dm_guest_expect(int fd, const char *text, unsigned deadline_ms, GString *transcript, gsize *position)
{
        gint64 end_us = g_get_monotonic_time() + (gint64)deadline_ms * 1000;
        for (;;) {
                /* A NUL from the guest (or from a pty's start) must not hide what comes after it. */
                const char *found =
                        memmem(transcript->str + *position, transcript->len - *position, text, strlen(text));
                if (found != NULL) {
                        *position = (gsize)(found - transcript->str) + strlen(text);
                        return TRUE;
                }
                gint64 left_us = end_us - g_get_monotonic_time();
                struct pollfd wait = { .fd = fd, .events = POLLIN };
                if (left_us <= 0 || transcript->len >= TRANSCRIPT_MAX)
                        return FALSE;
                if (poll(&wait, 1, (int)(left_us / 1000) + 1) <= 0)
                        continue;
                char buffer[4096];
                ssize_t got = read(fd, buffer, sizeof buffer);
                if (got > 0)
                        g_string_append_len(transcript, buffer, got);
                else if (got == 0 || (errno != EINTR && errno != EAGAIN))
                        return FALSE; /* EIO: the other end of a pty is closed */
        }
}

gboolean dm_guest_type(int fd, const char *text)
{
        gsize length = strlen(text);
        while (length > 0) {
                ssize_t put = write(fd, text, length);
                if (put < 0 && errno == EAGAIN) {
                        struct pollfd wait = { .fd = fd, .events = POLLOUT };
                        poll(&wait, 1, 1000);
                } else if (put < 0 && errno != EINTR) {
                        return FALSE;
                } else if (put > 0) {
                        text += put;
                        length -= (gsize)put;
                }
        }
        return TRUE;
}

/* ---- KVM ---- */

/* Runs the probe guest; NULL when it said its marker, else what went wrong (owned). */
static char *try_kvm(void)
{
        g_autofree char *program = g_find_program_in_path(X86);
        g_autofree char *image = dm_guest_image("x86.elf");
        int ends[2];
        if (program == NULL)
                return g_strdup(X86 " is not installed");
        if (image == NULL)
                return why_missing("x86.elf");
        if (access("/dev/kvm", R_OK | W_OK) != 0)
                return g_strdup_printf("/dev/kvm: %s", g_strerror(errno));
        if (pipe2(ends, O_CLOEXEC) != 0)
                return g_strdup_printf("pipe: %s", g_strerror(errno));
        dm_autofd int mine = ends[0];
        dm_autofd int theirs = ends[1];

        const char *words[] = { X86,          "-machine",    "microvm,accel=kvm", "-m",
                                "32",         "-nodefaults", "-display",          "none",
                                "-serial",    "stdio",       "-kernel",           image,
                                "-no-reboot", NULL };
        const DmSpawnFd fds[] = { { theirs, 1 }, { theirs, 2 } };
        DmSpawn spawn = DM_SPAWN_INIT;
        spawn.program = program;
        spawn.words = (char **)words;
        spawn.fds = fds;
        spawn.n_fds = G_N_ELEMENTS(fds);
        spawn.parent_death_signal = SIGKILL;
        g_auto(DmProcess) process = { .pidfd = -1 };
        g_autoptr(GError) error = NULL;
        if (!dm_spawn(&spawn, &process, &error))
                return g_strdup(error->message);
        dm_close_fd(&theirs);

        g_autoptr(GString) said = g_string_new(NULL);
        gsize position = 0;
        gboolean ready = dm_guest_expect(mine, READY "microvm", KVM_PROBE_MS, said, &position);
        dm_process_end(&process, ready ? KVM_END_MS : 0, NULL);
        if (ready)
                return NULL;
        g_strdelimit(g_strstrip(said->str), "\r\n", ' ');
        return g_strdup_printf("KVM runs no guest here: nothing from the probe guest in %d ms%s%s",
                               KVM_PROBE_MS, said->str[0] != '\0' ? "; QEMU says: " : "", said->str);
}

static void *try_kvm_once(G_GNUC_UNUSED void *data)
{
        char *reason = try_kvm();
        return reason != NULL ? reason : g_strdup("");
}

gboolean dm_guest_kvm_runs(char **ret_reason)
{
        static GOnce once = G_ONCE_INIT;
        const char *reason = g_once(&once, try_kvm_once, NULL);
        if (reason[0] == '\0')
                return TRUE;
        *ret_reason = g_strdup(reason);
        return FALSE;
}
