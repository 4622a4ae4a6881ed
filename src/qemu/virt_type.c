/* When a domain type is offered, and the reason when it is not.  KVM is tested, never guessed from CPU flags.
 */
#include "qemu/virt_type.h"

#include <string.h>

DM_ENUM_TABLE(dm_virt_type, "domain type", [DM_VIRT_QEMU] = "qemu", [DM_VIRT_KVM] = "kvm",
              [DM_VIRT_KQEMU] = "kqemu", [DM_VIRT_QVM86] = "qvm86");

DmAccel dm_virt_accel(DmVirtType type)
{
        static const DmAccel accels[DM_VIRT_N] = {
                [DM_VIRT_QEMU] = DM_ACCEL_TCG,
                [DM_VIRT_KVM] = DM_ACCEL_KVM,
                [DM_VIRT_KQEMU] = DM_ACCEL_KQEMU,
                [DM_VIRT_QVM86] = DM_ACCEL_QVM86,
        };
        g_assert(type > DM_VIRT_NONE && type < DM_VIRT_N);
        return accels[type];
}

gboolean dm_virt_has(const DmCaps *caps, DmVirtType type)
{
        /* Before accelerators had names there was always the emulator itself. */
        return dm_caps_has_accel(caps, dm_virt_accel(type)) || (type == DM_VIRT_QEMU && caps->help_era);
}

char *dm_caps_describe(const DmCaps *caps)
{
        return g_strdup_printf("%s (QEMU %s)", caps->path, caps->version_text ? caps->version_text : "?");
}

static char *refuse_qemu(const DmCaps *caps)
{
        if (dm_virt_has(caps, DM_VIRT_QEMU))
                return NULL;
        g_autofree char *list = dm_caps_accel_list(caps);
        return g_strdup_printf("%s has no software emulation (tcg); it has %s", caps->path,
                               *list ? list : "none");
}

static char *refuse_kvm(const DmCaps *caps, const DmArch *arch, const DmHost *host)
{
        /* Another architecture comes first: no other binary could mend that. */
        if (!dm_arch_native(host->arch, arch->name))
                return g_strdup_printf("kvm cannot run %s guests on a %s host", arch->name, host->arch);
        if (!dm_virt_has(caps, DM_VIRT_KVM))
                return g_strdup_printf("%s has no kvm support", caps->path);
        g_autofree char *reason = dm_host_kvm_reason(host);
        return reason ? g_strdup_printf("KVM is not usable on this host: %s", reason) : NULL;
}

static char *not_compiled_in(DmVirtType type, const DmCaps *caps)
{
        g_autofree char *who = dm_caps_describe(caps), *list = dm_caps_accel_list(caps);
        return g_strdup_printf("accelerator '%s' is not offered by %s: it has %s",
                               dm_enum_name(&dm_virt_type, type), who, *list ? list : "none");
}

static char *refuse_kqemu(const DmCaps *caps, const DmArch *arch, const DmHost *host)
{
        if (!dm_virt_has(caps, DM_VIRT_KQEMU))
                return not_compiled_in(DM_VIRT_KQEMU, caps);
        gboolean x86 = strcmp(arch->name, "i686") == 0 || strcmp(arch->name, "x86_64") == 0;
        if (!x86 || strcmp(arch->name, host->arch) != 0)
                return g_strdup_printf("kqemu cannot run %s guests on a %s host", arch->name, host->arch);
        return host->dev_kqemu ? NULL : g_strdup("/dev/kqemu does not exist");
}

static char *refuse_qvm86(const DmCaps *caps, const DmArch *arch, const DmHost *host)
{
        if (!dm_virt_has(caps, DM_VIRT_QVM86))
                return not_compiled_in(DM_VIRT_QVM86, caps);
        if (strcmp(arch->name, "i686") != 0 || strcmp(host->arch, "i686") != 0)
                return g_strdup("qvm86 accelerates i686 guests on i686 hosts only");
        return host->dev_qvm86 ? NULL : g_strdup("/dev/qvm86 does not exist");
}

char *dm_virt_refusal(DmVirtType type, const DmCaps *caps, const DmArch *arch, const DmHost *host)
{
        switch (type) {
        case DM_VIRT_QEMU:
                return refuse_qemu(caps);
        case DM_VIRT_KVM:
                return refuse_kvm(caps, arch, host);
        case DM_VIRT_KQEMU:
                return refuse_kqemu(caps, arch, host);
        case DM_VIRT_QVM86:
                return refuse_qvm86(caps, arch, host);
        case DM_VIRT_NONE:
        case DM_VIRT_N:
                break;
        }
        g_assert_not_reached();
}

char *dm_virt_offered(const DmCaps *caps, const DmArch *arch, const DmHost *host)
{
        GString *list = g_string_new(NULL);
        for (DmVirtType t = DM_VIRT_QEMU; t < DM_VIRT_N; t++) {
                g_autofree char *refusal = dm_virt_refusal(t, caps, arch, host);
                if (!refusal)
                        g_string_append_printf(list, "%s%s", list->len ? ", " : "",
                                               dm_enum_name(&dm_virt_type, t));
        }
        if (list->len == 0)
                g_string_append(list, "nothing");
        return g_string_free(list, FALSE);
}
