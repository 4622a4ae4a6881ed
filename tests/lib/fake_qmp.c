#include "lib/fake_qmp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GONE_MS 5000

static const char head[] = "#!/bin/sh\n"
                           "echo $$ >> \"$0.starts\"\n"
                           "accel=none\n"
                           "for word; do\n"
                           "        case $word in none,accel=*) accel=${word#none,accel=} ;; esac\n"
                           "done\n";

static const char middle[] =
        "\n"
        "case $accel in *kvm*) enabled=true ;; *) enabled=false ;; esac\n"
        "printf '{\"QMP\":{\"version\":{\"qemu\":{\"major\":7,\"minor\":2,\"micro\":0},\"package\":\"\"},"
        "\"capabilities\":[]}}\\r\\n'\n"
        "while IFS= read -r line; do\n"
        "        id=${line##*\\\"id\\\":}\n"
        "        id=${id%\\}*}\n"
        "        command=${line#*\\\"execute\\\":\\\"}\n"
        "        command=${command%%\\\"*}\n"
        "        answer=\n"
        "        case $command in\n";

static const char tail[] =
        "\n"
        "        qmp_capabilities) answer='{}' ;;\n"
        "        query-version)\n"
        "                answer='{\"qemu\":{\"major\":7,\"minor\":2,\"micro\":0},\"package\":\"fake\"}' ;;\n"
        "        query-target) answer='{\"arch\":\"x86_64\"}' ;;\n"
        "        query-kvm) answer='{\"enabled\":'$enabled',\"present\":true}' ;;\n"
        "        query-commands) answer='[{\"name\":\"query-command-line-options\"},"
        "{\"name\":\"query-migrate-capabilities\"},{\"name\":\"query-cpu-definitions\"},"
        "{\"name\":\"device-list-properties\"},{\"name\":\"qom-list-properties\"},"
        "{\"name\":\"query-cpu-model-expansion\"}]' ;;\n"
        "        query-machines) answer='[{\"name\":\"none\",\"cpu-max\":1},{\"name\":\"pc-1\","
        "\"alias\":\"pc\",\"is-default\":true,\"cpu-max\":8},{\"name\":\"isapc\",\"cpu-max\":1}]' ;;\n"
        "        qom-list-types) answer='[{\"name\":\"kvm-accel\"},{\"name\":\"tcg-accel\"},"
        "{\"name\":\"virtio-blk-pci\"},{\"name\":\"virtio-net-pci\"},{\"name\":\"memory-backend-file\"}]' "
        ";;\n"
        "        query-command-line-options) answer='[{\"option\":\"machine\","
        "\"parameters\":[{\"name\":\"usb\"}]}]' ;;\n"
        "        query-migrate-capabilities) answer='[{\"capability\":\"multifd\",\"state\":false}]' ;;\n"
        "        query-cpu-definitions)\n"
        "                if $enabled; then answer='[{\"name\":\"host\",\"unavailable-features\":[]},"
        "{\"name\":\"new\",\"unavailable-features\":[\"avx\"]}]'\n"
        "                else answer='[{\"name\":\"new\",\"unavailable-features\":[]}]'; fi ;;\n"
        "        query-cpu-model-expansion) answer='{\"model\":{\"name\":\"base\"}}' ;;\n"
        "        device-list-properties) answer='[{\"name\":\"packed\",\"type\":\"bool\"}]' ;;\n"
        "        qom-list-properties) answer='[{\"name\":\"type\",\"type\":\"string\"},{\"name\":\"pmem\"}]' "
        ";;\n"
        "        quit) printf '{\"return\":{},\"id\":%s}\\r\\n' \"$id\"; exit 0 ;;\n"
        "        esac\n"
        "        if [ -n \"$answer\" ]; then printf '{\"return\":%s,\"id\":%s}\\r\\n' \"$answer\" \"$id\"\n"
        "        else printf '{\"error\":{\"class\":\"GenericError\",\"desc\":\"not "
        "here\"},\"id\":%s}\\r\\n' "
        "\"$id\"; fi\n"
        "done\n"
        "sleep 600\n"; /* as QEMU, it does not end with its input */

char *fake_qmp(const char *dir, const char *name, const char *start, const char *cases)
{
        g_autoptr(GError) error = NULL;
        char *path = g_build_filename(dir, name, NULL);
        g_autofree char *text = g_strconcat(head, start, middle, cases, tail, NULL);
        g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0755, &error);
        g_assert_no_error(error);
        return path;
}

/* Process ids, one for each start.  Owned. */
static char **starts(const char *path)
{
        g_autofree char *file = g_strconcat(path, ".starts", NULL);
        g_autofree char *text = NULL;
        if (!g_file_get_contents(file, &text, NULL, NULL))
                return g_new0(char *, 1);
        return g_strsplit(g_strchomp(text), "\n", -1);
}

guint fake_qmp_starts(const char *path)
{
        g_auto(GStrv) pids = starts(path);
        return g_strv_length(pids);
}

/* TRUE when a process of @session runs.  One that has ended, and that its parent has not noticed yet, does
 * not. */
static gboolean runs(int session)
{
        g_autoptr(GDir) proc = g_dir_open("/proc", 0, NULL);
        const char *name;
        while ((name = g_dir_read_name(proc))) {
                g_autofree char *path = g_build_filename("/proc", name, "stat", NULL);
                g_autofree char *text = NULL;
                if (!g_ascii_isdigit(name[0]) || !g_file_get_contents(path, &text, NULL, NULL))
                        continue;
                char state = 'Z';
                int its_session = 0;
                const char *rest = strrchr(text, ')'); /* the name before it may hold anything */
                if (rest && sscanf(rest, ") %c %*d %*d %d", &state, &its_session) == 2 && state != 'Z' &&
                    its_session == session)
                        return TRUE;
        }
        return FALSE;
}

void fake_qmp_assert_gone(const char *path)
{
        g_auto(GStrv) pids = starts(path);
        for (char **pid = pids; *pid; pid++) {
                gint64 patience = g_get_monotonic_time() + GONE_MS * G_GINT64_CONSTANT(1000);
                int session = atoi(*pid);
                g_assert_cmpint(session, >, 1);
                while (runs(session) && g_get_monotonic_time() < patience)
                        g_usleep(1000);
                g_assert_false(runs(session));
        }
}
