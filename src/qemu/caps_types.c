/* The table of types whose properties a probe asks for: what decides a command line.
 *
 * Asking instantiates the type, so each row is a risk, and some types end QEMU 7.2: microvm-machine (abort),
 * virtio-gpu-gl-pci and virtio-vga-gl where their modules are not installed, x-rv128-riscv-cpu.  None of them
 * may stand here.  The rows are those that recordings made by libvirt have, and a few more; a type that an
 * emulator does not list is not asked for. */
#include "qemu/caps_private.h"

#define X86  "i386 x86_64"
#define ARM  "arm aarch64"
#define S390 "s390x"

const DmPropType dm_prop_types[] = {
        { "virtio-blk-pci", DM_PROP_DEVICE },
        { "virtio-net-pci", DM_PROP_DEVICE },
        { "virtio-scsi-pci", DM_PROP_DEVICE },
        { "virtio-balloon-pci", DM_PROP_DEVICE },
        { "virtio-blk-ccw", DM_PROP_DEVICE, S390 },
        { "virtio-net-ccw", DM_PROP_DEVICE, S390 },
        { "virtio-scsi-ccw", DM_PROP_DEVICE, S390 },
        { "virtio-balloon-ccw", DM_PROP_DEVICE, S390 },
        { "virtio-blk-device", DM_PROP_DEVICE },
        { "virtio-net-device", DM_PROP_DEVICE },
        { "virtio-scsi-device", DM_PROP_DEVICE },
        { "virtio-balloon-device", DM_PROP_DEVICE },
        { "virtio-iommu-pci", DM_PROP_DEVICE },
        { "virtio-mem-pci", DM_PROP_DEVICE },
        { "vhost-user-fs-device", DM_PROP_DEVICE },
        { "scsi-hd", DM_PROP_DEVICE },
        { "ide-hd", DM_PROP_DEVICE },
        { "usb-storage", DM_PROP_DEVICE },
        { "usb-host", DM_PROP_DEVICE },
        { "usb-redir", DM_PROP_DEVICE },
        { "pcie-root-port", DM_PROP_DEVICE },
        { "spapr-pci-host-bridge", DM_PROP_DEVICE },
        { "PIIX4_PM", DM_PROP_DEVICE },
        { "ICH9-LPC", DM_PROP_DEVICE },
        { "mch", DM_PROP_DEVICE },
        { "intel-iommu", DM_PROP_DEVICE },
        { "kvm-pit", DM_PROP_DEVICE },
        { "nvdimm", DM_PROP_DEVICE },
        { "VGA", DM_PROP_DEVICE },
        { "qxl", DM_PROP_DEVICE },
        { "vmware-svga", DM_PROP_DEVICE },
        { "virtio-gpu-pci", DM_PROP_DEVICE },
        { "virtio-gpu-device", DM_PROP_DEVICE },
        { "virtio-gpu-ccw", DM_PROP_DEVICE, S390 },
        { "vfio-pci", DM_PROP_DEVICE },
        { "memory-backend-file", DM_PROP_OBJECT },
        { "memory-backend-memfd", DM_PROP_OBJECT },
        { "max-x86_64-cpu", DM_PROP_OBJECT, X86 },
        { "max-i386-cpu", DM_PROP_OBJECT, X86 },
        { "max-arm-cpu", DM_PROP_OBJECT, ARM },
        { "none-machine", DM_PROP_OBJECT },
        { "virt-machine", DM_PROP_MACHINE, ARM " riscv32 riscv64" },
        { "pseries-machine", DM_PROP_MACHINE, "ppc64" },
        {},
};
