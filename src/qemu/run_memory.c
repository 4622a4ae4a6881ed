/* Where the host keeps huge pages: file systems that are mounted, for the memory of a guest that starts. */
#include "qemu/run_memory.h"

#include <string.h>

#include "util/file.h"

#define MOUNTS_MAX  (4u * 1024 * 1024)
#define MEMINFO_MAX 65536

/* "2M", "1024M", "1G", bytes without a letter; 0: none of these. */
static guint64 page_size(const char *text)
{
        char *end = NULL;
        guint64 n = g_ascii_strtoull(text, &end, 10);
        unsigned shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
        return n <= G_MAXUINT64 >> shift ? n << shift : 0;
}

static guint64 default_size(const char *meminfo)
{
        static const char key[] = "Hugepagesize:";
        const char *at = meminfo ? strstr(meminfo, key) : NULL;
        guint64 kib = at ? g_ascii_strtoull(at + strlen(key), NULL, 10) : 0;
        return kib <= G_MAXUINT64 / 1024 ? kib * 1024 : 0;
}

static gboolean is_known(const GArray *list, guint64 size)
{
        for (guint i = 0; i < list->len; i++)
                if (g_array_index(list, DmHugeDir, i).size == size)
                        return TRUE;
        return FALSE;
}

static void clear_dir(gpointer data)
{
        g_free((char *)((DmHugeDir *)data)->dir);
}

GArray *dm_huge_mounts(const char *mounts, const char *meminfo)
{
        GArray *list = g_array_new(TRUE, TRUE, sizeof(DmHugeDir));
        g_array_set_clear_func(list, clear_dir);
        g_auto(GStrv) lines = g_strsplit(mounts ? mounts : "", "\n", -1);
        for (char **l = lines; *l; l++) {
                g_auto(GStrv) words = g_strsplit(*l, " ", -1);
                if (g_strv_length(words) < 4 || strcmp(words[2], "hugetlbfs") != 0)
                        continue;
                const char *option = strstr(words[3], "pagesize=");
                guint64 size = option ? page_size(option + strlen("pagesize=")) : default_size(meminfo);
                if (!size || is_known(list, size))
                        continue;
                /* Blanks are octal there. */
                const DmHugeDir one = { size, g_strcompress(words[1]) };
                if (size == default_size(meminfo))
                        g_array_prepend_val(list, one);
                else
                        g_array_append_val(list, one);
        }
        return list;
}

GArray *dm_huge_mounts_load(void)
{
        g_autofree char *mounts = NULL, *meminfo = NULL;
        gsize length = 0;
        dm_file_read("/proc/self/mounts", MOUNTS_MAX, &mounts, &length, NULL);
        dm_file_read("/proc/meminfo", MEMINFO_MAX, &meminfo, &length, NULL);
        return dm_huge_mounts(mounts, meminfo);
}
