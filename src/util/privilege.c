/* Capabilities of the calling thread.  libcap-ng reads them; the dropping itself is done with raw system
 * calls, because capng_apply saves its state with malloc and reads /proc with stdio, which the child of
 * dm_spawn, who shares our memory, must not.  libcap-ng's state is per thread and may be in use by the
 * program that we are embedded in: it is put back each time. */
#include "util/privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/error.h"
#include "util/vfork.h"

#define MAX_CAPABILITIES 64 /* bits of the widest set that the kernel knows */

typedef struct Sets {
        guint64 effective;
        guint64 bounding;
} Sets;

static gboolean read_sets(Sets *ret_sets)
{
        void *theirs = capng_save_state();
        capng_clear(CAPNG_SELECT_ALL);
        capng_setpid((int)syscall(SYS_gettid)); /* capabilities belong to threads */
        gboolean known = capng_get_caps_process() == 0;
        Sets sets = { 0 };
        for (unsigned i = 0; known && i < MAX_CAPABILITIES; i++) {
                guint64 bit = G_GUINT64_CONSTANT(1) << i;
                if (capng_have_capability(CAPNG_EFFECTIVE, i) > 0)
                        sets.effective |= bit;
                if (capng_have_capability(CAPNG_BOUNDING_SET, i) > 0)
                        sets.bounding |= bit;
        }
        if (theirs)
                capng_restore_state(&theirs);
        if (known)
                *ret_sets = sets;
        return known;
}

gboolean dm_privilege_have(unsigned capability)
{
        Sets sets;
        return capability < MAX_CAPABILITIES && read_sets(&sets) && (sets.effective >> capability & 1);
}

char *dm_privilege_describe(void)
{
        Sets sets;
        if (!read_sets(&sets) || !sets.effective)
                return g_strdup("none");
        GString *text = g_string_new(NULL);
        for (unsigned i = 0; i < MAX_CAPABILITIES; i++) {
                if (!(sets.effective >> i & 1))
                        continue;
                if (text->len)
                        g_string_append(text, ", ");
                const char *name = capng_capability_to_name(i);
                if (name)
                        g_string_append(text, name);
                else /* newer than this libcap-ng */
                        g_string_append_printf(text, "%u", i);
        }
        return g_string_free(text, FALSE);
}

gboolean dm_privilege_prepare_drop(DmPrivilegeDrop *ret_drop, GError **error)
{
        Sets sets;
        if (!read_sets(&sets))
                return dm_fail(error, DM_ERROR_FAILED,
                               "cannot read the capabilities of this process; is /proc mounted?");
        gboolean may = sets.effective >> CAP_SETPCAP & 1;
        *ret_drop = (DmPrivilegeDrop){ .bounding = may ? sets.bounding : 0,
                                       .keeps_bounding = !may && sets.bounding != 0 };
        return TRUE;
}

DM_VFORK_CHILD int dm_privilege_drop_bounding(const DmPrivilegeDrop *drop)
{
        for (unsigned long i = 0; i < MAX_CAPABILITIES; i++)
                if ((drop->bounding >> i & 1) && syscall(SYS_prctl, PR_CAPBSET_DROP, i, 0UL, 0UL, 0UL) < 0)
                        return errno;
        return 0;
}

DM_VFORK_CHILD int dm_privilege_drop_sets(void)
{
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 }, { 0 } };
        if (syscall(SYS_prctl, PR_CAP_AMBIENT, (unsigned long)PR_CAP_AMBIENT_CLEAR_ALL, 0UL, 0UL, 0UL) < 0)
                return errno;
        return syscall(SYS_capset, &header, none) < 0 ? errno : 0;
}
