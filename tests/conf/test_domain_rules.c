/* Rules between the values of a document: each row breaks one, and is told so at the place of the value. */
#include <string.h>

#include "conf/domain.h"
#include "util/error.h"

static const struct {
        const char *name, *head, *devices, *path, *message;
} rows[] = {
        { "disk-cow-share-qcow", "",
          "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/a'/><target "
          "dev='hda' bus='ide'/><shareable/></disk>",
          "/domain/devices/disk[1]/driver/@type",
          "guests can share raw images only, not 'qcow2'; leave out <shareable/>" },
        { "disk-fdc-nonfloppy", "",
          "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/a'/><target "
          "dev='fda' bus='fdc'/></disk>",
          "/domain/devices/disk[1]/target/@bus",
          "on bus='fdc' there are only floppy drives; add device='floppy'" },
        { "disk-ide-readonly", "",
          "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/a'/><target "
          "dev='hda' bus='ide'/><readonly/></disk>",
          "/domain/devices/disk[1]/readonly",
          "ide disks cannot be read-only; use bus='virtio' or 'scsi', or device='cdrom'" },
        { "disk-sata-readonly", "",
          "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/a'/><target "
          "dev='sda' bus='sata'/><readonly/></disk>",
          "/domain/devices/disk[1]/readonly",
          "sata disks cannot be read-only; use bus='virtio' or 'scsi', or device='cdrom'" },
        { "disk-vendor-long", "",
          "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/a'/><target "
          "dev='sda' bus='scsi'/><vendor>ABCDEFGHI</vendor></disk>",
          "/domain/devices/disk[1]/vendor", "the vendor 'ABCDEFGHI' has more than 8 characters" },
        { "disk-product-long", "",
          "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/a'/><target "
          "dev='sda' bus='scsi'/><product>ABCDEFGHIJKLMNOPQ</product></disk>",
          "/domain/devices/disk[1]/product", "the product 'ABCDEFGHIJKLMNOPQ' has more than 16 characters" },
        { "disk-wwn-bad", "",
          "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/a'/><target "
          "dev='sda' bus='scsi'/><wwn>123</wwn></disk>",
          "/domain/devices/disk[1]/wwn", "the wwn '123' is not 16 hexadecimal digits" },
        { "disk-lun-serial", "",
          "<disk type='block' device='lun'><driver name='qemu' type='raw'/><source dev='/dev/x'/><target "
          "dev='sda' bus='scsi'/><serial>abc</serial><vendor>a</vendor></disk>",
          "/domain/devices/disk[1]/vendor", "device='lun' shows the device's own vendor and product" },
        { "disk-lun-wwn", "",
          "<disk type='block' device='lun'><driver name='qemu' type='raw'/><source dev='/dev/x'/><target "
          "dev='sda' bus='scsi'/><wwn>5000c50015ea71ad</wwn></disk>",
          "/domain/devices/disk[1]/wwn", "device='lun' shows the device's own wwn" },
        { "disk-queue_size-pow2", "",
          "<disk type='file' device='disk'><driver name='qemu' type='raw' queue_size='100'/><source "
          "file='/a'/><target dev='vda' bus='virtio'/></disk>",
          "/domain/devices/disk[1]/driver/@queue_size", "'100' is not a power of two" },
        { "disk-io-native-writeback", "",
          "<disk type='file' device='disk'><driver name='qemu' type='raw' cache='writeback' "
          "io='native'/><source file='/a'/><target dev='vda' bus='virtio'/></disk>",
          "/domain/devices/disk[1]/driver/@io", "io='native' needs cache='none' or 'directsync'" },
        { "disk-io-native-nocache", "",
          "<disk type='file' device='disk'><driver name='qemu' type='raw' io='native'/><source "
          "file='/a'/><target dev='vda' bus='virtio'/></disk>",
          "/domain/devices/disk[1]/driver/@io", "io='native' needs cache='none' or 'directsync'" },
        { "disk-cor-readonly", "",
          "<disk type='file' device='disk'><driver name='qemu' type='raw' copy_on_read='on'/><source "
          "file='/a'/><target dev='vda' bus='virtio'/><readonly/></disk>",
          "/domain/devices/disk[1]/driver/@copy_on_read",
          "a read-only disk cannot be copied to while it is read" },
        { "disk-cor-floppy", "",
          "<disk type='file' device='floppy'><driver name='qemu' type='raw' copy_on_read='on'/><source "
          "file='/a'/><target dev='fda' bus='fdc'/></disk>",
          "/domain/devices/disk[1]/driver/@copy_on_read",
          "a medium that can be taken out cannot be copied to while it is read" },
        { "disk-target-name", "",
          "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/a'/><target "
          "dev='foo' bus='virtio'/></disk>",
          "/domain/devices/disk[1]/target/@dev",
          "the name 'foo' is no disk's; it begins with hd, sd, vd, xvd or ubd" },
        { "disk-tray-disk", "",
          "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/a'/><target "
          "dev='hda' bus='ide' tray='open'/></disk>",
          "/domain/devices/disk[1]/target/@tray", "only cdrom and floppy drives have a tray" },
        { "disk-blockio", "",
          "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/a'/><target "
          "dev='vda' bus='virtio'/><blockio logical_block_size='1000'/></disk>",
          "/domain/devices/disk[1]/blockio/@logical_block_size", "'1000' is not a power of two from 512 on" },
        { "disk-boot-sd", "",
          "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/a'/><target "
          "dev='sda' bus='usb'/><boot order='1' loadparm='TOOLONGPARM'/></disk>",
          "/domain/devices/disk[1]/boot/@loadparm",
          "loadparm 'TOOLONGPARM' is not 1 to 8 letters, digits, dots and blanks" },
        { "disk-loadparm-bad", "",
          "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/a'/><target "
          "dev='vda' bus='virtio'/><boot order='1' loadparm='*&amp;'/></disk>",
          "/domain/devices/disk[1]/boot/@loadparm",
          "loadparm '*&' is not 1 to 8 letters, digits, dots and blanks" },
        { "ctl-scsi-iommu-lsi", "",
          "<controller type='scsi' index='0' model='lsilogic'><driver iommu='on'/></controller>",
          "/domain/devices/controller[1]/driver/@iommu",
          "virtio options are for models of virtio-scsi only" },
        { "ctl-usb-master-nocompanion", "",
          "<controller type='usb' index='0' model='ich9-uhci1'><master startport='0'/></controller>",
          "/domain/devices/controller[1]/master/@startport",
          "a companion needs a USB 2 controller of model 'ich9-ehci1'" },
        { "ctl-pcie-root-index1", "",
          "<controller type='pci' index='0' model='pcie-root'></controller><controller type='pci' index='1' "
          "model='pcie-root'></controller>",
          "/domain/devices/controller[2]/@index", "pcie-root is the controller with index 0, not 1" },
        { "ctl-bridge-chassis", "",
          "<controller type='pci' index='1' model='pci-bridge'><target chassis='5'/></controller>",
          "/domain/devices/controller[1]/target/@chassis",
          "a PCI controller of model 'pci-bridge' has no chassis" },
        { "ctl-rootport-chassisnr", "",
          "<controller type='pci' index='1' model='pcie-root-port'><target chassisNr='5'/></controller>",
          "/domain/devices/controller[1]/target/@chassisNr",
          "a PCI controller of model 'pcie-root-port' has no chassisNr" },
        { "ctl-busnr-root", "",
          "<controller type='pci' index='1' model='pcie-root-port'><target busNr='5'/></controller>",
          "/domain/devices/controller[1]/target/@busNr",
          "a PCI controller of model 'pcie-root-port' has no busNr" },
        { "ctl-node-rootport", "",
          "<controller type='pci' index='1' "
          "model='pcie-root-port'><target><node>0</node></target></controller>",
          "/domain/devices/controller[1]/target/node",
          "a PCI controller of model 'pcie-root-port' has no <node>" },
        { "ctl-hotplug-bridge", "",
          "<controller type='pci' index='1' model='pci-bridge'><target hotplug='off'/></controller>",
          "/domain/devices/controller[1]/target/@hotplug",
          "a PCI controller of model 'pci-bridge' has no hotplug" },
        { "ctl-hotplug-pcieroot", "",
          "<controller type='pci' index='0' model='pcie-root'><target hotplug='off'/></controller>",
          "/domain/devices/controller[1]/target/@hotplug",
          "a PCI controller of model 'pcie-root' has no hotplug" },
        { "addr-ccw-cssid", "",
          "<interface type='user'><address type='ccw' cssid='0xfd' ssid='0' devno='0'/><model "
          "type='virtio'/></interface>",
          "/domain/devices/interface[1]/address/@cssid", "virtio devices are on cssid 0xfe, not 0xfd" },
        { "addr-ccw-partial", "",
          "<interface type='user'><address type='ccw' cssid='0xfe'/><model type='virtio'/></interface>",
          "/domain/devices/interface[1]/address", "cssid, ssid and devno go together" },
        { "addr-acpi-index-dup", "",
          "<interface type='user'><acpi index='5'/><model type='virtio'/></interface><interface "
          "type='user'><acpi index='5'/><model type='virtio'/></interface>",
          "/domain/devices/interface[2]/acpi/@index", "the ACPI index 5 is given twice" },
        { "if-ip-user-two4", "",
          "<interface type='user'><ip address='1.2.3.4' family='ipv4' prefix='24'/><ip address='1.2.3.5' "
          "family='ipv4' prefix='24'/><model type='virtio'/></interface>",
          "/domain/devices/interface[1]/ip[2]", "one IPv4 address at most can be told" },
        { "if-ip-user-two6", "",
          "<interface type='user'><ip address='2001:db8:ac10:fd01::feed' family='ipv6'/><ip "
          "address='2001:db8:ac10:fd01::fee' family='ipv6'/><model type='virtio'/></interface>",
          "/domain/devices/interface[1]/ip[2]", "one IPv6 address at most can be told" },
        { "if-ip-prefix-slirp", "",
          "<interface type='user'><ip address='1.2.3.4' family='ipv4' prefix='2'/><model "
          "type='virtio'/></interface>",
          "/domain/devices/interface[1]/ip[1]/@prefix",
          "the prefix of a user-mode network is from 4 to 27, not 2" },
        { "chr-reconnect0", "",
          "<serial type='tcp'><source mode='connect' host='h' service='1'><reconnect enabled='yes' "
          "timeout='0'/></source></serial>",
          "/domain/devices/serial[1]/source/reconnect/@timeout", "the timeout must be at least 1 second" },
        { "chr-tcp-nohost", "", "<serial type='tcp'><source mode='connect' service='1'/></serial>",
          "/domain/devices/serial[1]/@type", "a tcp connection needs <source host=>" },
        { "chr-serial-port-dup", "",
          "<serial type='pty'><target port='0'/></serial><serial type='pty'><target port='0'/></serial>",
          "/domain/devices/serial[2]/target/@port", "there is another serial line with port 0" },
        { "chr-vdagent-serial", "", "<serial type='qemu-vdagent'/>", "/domain/devices/serial[1]/@type",
          "type 'qemu-vdagent' is for channels only" },
        { "chr-unix-listen-pathlong", "",
          "<serial type='unix'><source mode='bind' "
          "path='/"
          "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
          "xxxxxxxxxxxxxxxxxxxxxx'/></serial>",
          "/domain/devices/serial[1]/source/@path",
          "the path of a unix socket has less than 108 characters" },
        { "gfx-listen-2", "",
          "<graphics type='vnc'><listen type='address' address='1.2.3.5'/><listen type='address' "
          "address='1.2.3.6'/></graphics>",
          "/domain/devices/graphics[1]/listen[2]", "only one <listen> is possible" },
        { "gfx-socket-listen", "",
          "<graphics type='vnc' socket='/a'><listen type='socket' socket='/b'/></graphics>",
          "/domain/devices/graphics[1]/@socket", "socket='/a' contradicts <listen socket='/b'>" },
        { "gfx-vnc-passwd-long", "", "<graphics type='vnc' passwd='123456789'/>",
          "/domain/devices/graphics[1]/@passwd", "a vnc password has at most 8 characters" },
        { "vid-qxl-vgamem-pow2", "", "<video><model type='qxl' vgamem='10000'></model></video>",
          "/domain/devices/video[1]/model/@vgamem", "vgamem is a power of two from 1024 KiB on, not 10000" },
        { "vid-qxl-vgamem-small", "", "<video><model type='qxl' vgamem='512'></model></video>",
          "/domain/devices/video[1]/model/@vgamem", "vgamem is a power of two from 1024 KiB on, not 512" },
        { "vid-vga-vram-small", "", "<video><model type='vga' vram='512'></model></video>",
          "/domain/devices/video[1]/model/@vram", "vram is at least 1024 KiB, not 512" },
        { "vid-vga-vram-pow2", "", "<video><model type='vga' vram='10000'></model></video>",
          "/domain/devices/video[1]/model/@vram", "vram is a power of two, not 10000 KiB" },
        { "vid-primary2", "",
          "<video><model type='vga' primary='yes'></model></video><video><model type='qxl' "
          "primary='yes'></model></video>",
          "/domain/devices/video[2]/model/@primary", "only one <video> can be the primary one" },
        { "vid-accel2d", "", "<video><model type='virtio'><acceleration accel2d='yes'/></model></video>",
          "/domain/devices/video[1]/model/acceleration/@accel2d",
          "QEMU accelerates no 2D; leave accel2d out" },
        { "vid-rendernode", "", "<video><model type='qxl'><acceleration rendernode='/x'/></model></video>",
          "/domain/devices/video[1]/model/acceleration/@rendernode",
          "a rendernode is for <driver name='vhostuser'> only" },
        { "vid-res-cirrus", "", "<video><model type='cirrus'><resolution x='800' y='600'/></model></video>",
          "/domain/devices/video[1]/model/resolution/@x", "model 'cirrus' has no resolution of its own" },
        { "vid-vmvga-vram", "", "<video><model type='vmvga' vram='100'></model></video>",
          "/domain/devices/video[1]/model/@vram", "vram is at least 1024 KiB, not 100" },
        { "hd-usb-product0", "",
          "<hostdev mode='subsystem' type='usb' ><source><vendor id='0x0'/><product "
          "id='0'/></source></hostdev>",
          "/domain/devices/hostdev[1]/source/vendor/@id", "the vendor id cannot be 0" },
        { "hd-mdev-ramfb-2", "",
          "<graphics type='vnc'/><hostdev mode='subsystem' type='mdev' model='vfio-pci' display='on' "
          "ramfb='on'><source><address "
          "uuid='53764d0e-85a0-42b4-af5c-2046b460b1dc'/></source></hostdev><hostdev mode='subsystem' "
          "type='mdev' model='vfio-pci' display='on' ramfb='on'><source><address "
          "uuid='53764d0e-85a0-42b4-af5c-2046b460b1dd'/></source></hostdev>",
          "/domain/devices/hostdev[2]/@ramfb", "only one device can have ramfb='on'" },
        { "hd-mdev-ap-addr", "",
          "<hostdev mode='subsystem' type='mdev' model='vfio-ap'><source><address "
          "uuid='53764d0e-85a0-42b4-af5c-2046b460b1dc'/></source><address type='pci' slot='5'/></hostdev>",
          "/domain/devices/hostdev[1]/address", "it has no address; leave <address> out" },
        { "hd-mdev-ap-boot", "",
          "<hostdev mode='subsystem' type='mdev' model='vfio-ap'><source><address "
          "uuid='53764d0e-85a0-42b4-af5c-2046b460b1dc'/></source><boot order='1'/></hostdev>",
          "/domain/devices/hostdev[1]/boot/@order", "nothing can be booted from it" },
        { "hd-boot-scsi-host", "",
          "<hostdev mode='subsystem' type='scsi_host' ><source protocol='vhost' "
          "wwpn='naa.5001405bc8a6e3d5'/><boot order='1'/></hostdev>",
          "/domain/devices/hostdev[1]/boot/@order", "nothing can be booted from it" },
        { "hd-rom-usb", "",
          "<hostdev mode='subsystem' type='usb' ><source><address bus='14' device='6'/></source><rom "
          "file='/x'/></hostdev>",
          "/domain/devices/hostdev[1]/rom/@file", "<rom> is for PCI devices only" },
        { "fs-virtiofs-queue", "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>",
          "<filesystem type='mount' ><driver type='virtiofs' queue='1000'/><source dir='/s'/><target "
          "dir='t'/></filesystem>",
          "/domain/devices/filesystem[1]/driver/@queue", "'1000' is not a power of two" },
        { "fs-virtiofs-wrpolicy",
          "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>",
          "<filesystem type='mount' ><driver type='virtiofs' wrpolicy='immediate'/><source dir='/s'/><target "
          "dir='t'/></filesystem>",
          "/domain/devices/filesystem[1]/driver/@wrpolicy", "virtiofs has no wrpolicy" },
        { "fs-virtiofs-multidevs",
          "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>",
          "<filesystem type='mount' multidevs='remap'><driver type='virtiofs'/><source dir='/s'/><target "
          "dir='t'/></filesystem>",
          "/domain/devices/filesystem[1]/@multidevs", "virtiofs has no multidevs" },
        { "fs-virtiofs-socket-binary",
          "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>",
          "<filesystem type='mount'><driver type='virtiofs'/><source socket='/x'/><target dir='t'/><binary "
          "path='/y'/></filesystem>",
          "/domain/devices/filesystem[1]/binary/@path",
          "the daemon behind the socket is started by somebody else: leave <binary> out" },
        { "fs-9p-boot", "",
          "<filesystem type='mount' ><driver type='path'/><source dir='/s'/><target dir='t'/><boot "
          "order='1'/></filesystem>",
          "/domain/devices/filesystem[1]/boot/@order", "guests boot from virtiofs only" },
        { "fs-9p-fmode", "",
          "<filesystem type='mount' accessmode='passthrough' fmode='644'><driver type='path'/><source "
          "dir='/s'/><target dir='t'/></filesystem>",
          "/domain/devices/filesystem[1]/@fmode", "modes need accessmode='mapped'" },
        { "fs-tag-long", "",
          "<filesystem type='mount'><source dir='/x'/><target "
          "dir='tttttttttttttttttttttttttttttttt'/></filesystem>",
          "/domain/devices/filesystem[1]/target/@dir",
          "the target 'tttttttttttttttttttttttttttttttt' has more than 31 characters" },
        { "shm-dup", "",
          "<shmem name='a'><model type='ivshmem-plain'/><size unit='M'>4</size></shmem><shmem "
          "name='a'><model type='ivshmem-plain'/><size unit='M'>4</size></shmem>",
          "/domain/devices/shmem[2]/@name", "there is another shmem of the name 'a'" },
        { "tpm-spapr-12", "",
          "<tpm model='tpm-spapr'><backend type='emulator' version='1.2'></backend></tpm>",
          "/domain/devices/tpm[1]/backend/@version", "tpm-spapr needs version 2.0" },
        { "rng-random-rel", "", "<rng model='virtio'><backend model='random'>urandom</backend></rng>",
          "/domain/devices/rng[1]/backend", "the path 'urandom' must be absolute" },
        { "rng-egd-type", "", "<rng model='virtio'><backend model='egd' type='spicevmc'/></rng>",
          "/domain/devices/rng[1]/backend/@type", "type 'spicevmc' has no random numbers" },
        { "bal-none-opts", "", "<memballoon model='none' autodeflate='on'/>",
          "/domain/devices/memballoon[1]/@model", "model 'none' is no balloon, so it has no options" },
        { "wd-ib700-addr", "", "<watchdog model='ib700'><address type='pci' slot='5'/></watchdog>",
          "/domain/devices/watchdog[1]/address", "it has no address; leave <address> out" },
        { "wd-diag-addr", "", "<watchdog model='diag288'><address type='pci' slot='5'/></watchdog>",
          "/domain/devices/watchdog[1]/address", "it has no address; leave <address> out" },
        { "wd-2itco", "", "<watchdog model='itco'/><watchdog model='itco'/>",
          "/domain/devices/watchdog[2]/@model", "the chipset has one itco watchdog only" },
        { "iommu-intel-addr", "", "<iommu model='intel'><address type='pci' slot='5'/></iommu>",
          "/domain/devices/iommu[1]/address", "it has no address; leave <address> out" },
        { "redirfilter-version", "", "<redirfilter><usbdev version='1.222' allow='yes'/></redirfilter>",
          "/domain/devices/redirfilter[1]/usbdev[1]/@version",
          "the version '1.222' is neither -1 nor such as 1.10" },
        { "alias-chars", "",
          "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/a'/><target "
          "dev='vda' bus='virtio'/><alias name='ua-x y'/></disk>",
          "/domain/devices/disk[1]/alias/@name",
          "the alias 'ua-x y' may hold letters, digits, _ and - only" },
        { "os-loader-stateless-nvram",
          "<os><type>hvm</type><loader type='pflash' readonly='yes' "
          "stateless='yes'>/x</loader><nvram>/y</nvram></os><features><acpi/></features>",
          "", "/domain/os/loader/@stateless", "firmware without a state has no <nvram>" },
        { "os-loader-secure-rom",
          "<os><type>hvm</type><loader type='rom' secure='yes'>/x</loader></os><features><acpi/><smm "
          "state='on'/></features>",
          "", "/domain/os/loader/@secure", "secure='yes' needs type='pflash'" },
        { "os-nvram-noloader", "<os><type>hvm</type><nvram>/y</nvram></os>", "", "/domain/os/nvram",
          "<nvram> needs a <loader>, or <os firmware='efi'>" },
        { "os-loader-empty", "<os><type>hvm</type><loader type='rom'/></os>", "", "/domain/os/loader/@type",
          "<loader> needs the firmware's path" },
        { "smb-date",
          "<sysinfo type='smbios'><bios><entry "
          "name='date'>13/13/2020x</entry></bios></sysinfo><os><type>hvm</type><smbios mode='sysinfo'/></os>",
          "", "/domain/sysinfo[1]/bios/entry[1]", "'13/13/2020x' is not a date of the form mm/dd/yyyy" },
        { "smb-date2",
          "<sysinfo type='smbios'><bios><entry "
          "name='date'>2020-01-01</entry></bios></sysinfo><os><type>hvm</type><smbios mode='sysinfo'/></os>",
          "", "/domain/sysinfo[1]/bios/entry[1]", "'2020-01-01' is not a date of the form mm/dd/yyyy" },
        { "fwcfg-long",
          "<sysinfo type='fwcfg'><entry "
          "name='opt/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'>a</entry></sysinfo>",
          "", "/domain/sysinfo[1]/entry[1]/@name", "the name has more than 55 characters" },
        { "fwcfg-ovmf", "<sysinfo type='fwcfg'><entry name='opt/ovmf/x'>a</entry></sysinfo>", "",
          "/domain/sysinfo[1]/entry[1]/@name", "'opt/ovmf/x' belongs to the firmware or to QEMU" },
        { "sysinfo-2", "<sysinfo type='smbios'><bios/></sysinfo><sysinfo type='smbios'><bios/></sysinfo>", "",
          "/domain/sysinfo[2]/@type", "there are two <sysinfo> of this type" },
        { "ct-shares", "<vcpu>2</vcpu><cputune><shares>1</shares></cputune>", "", "/domain/cputune/shares",
          "'1' is not from 2 to 262144" },
        { "ct-shares-hi", "<vcpu>2</vcpu><cputune><shares>262145</shares></cputune>", "",
          "/domain/cputune/shares", "'262145' is not from 2 to 262144" },
        { "ct-sched-overlap",
          "<vcpu>2</vcpu><cputune><vcpusched vcpus='0' scheduler='fifo' priority='1'/><vcpusched vcpus='0-1' "
          "scheduler='rr' priority='2'/></cputune>",
          "", "/domain/cputune/vcpusched[2]/@vcpus", "a vCPU of '0-1' has a scheduler already" },
        { "ct-iosched-none",
          "<vcpu>2</vcpu><cputune><iothreadsched iothreads='3' scheduler='batch'/></cputune>", "",
          "/domain/cputune/iothreadsched[1]/@iothreads", "there are no I/O threads: add <iothreads>" },
        { "ct-cache-overlap",
          "<vcpu>4</vcpu><cputune><cachetune vcpus='0-1'><cache id='0' level='3' type='both' size='3' "
          "unit='MiB'/></cachetune><cachetune vcpus='1-2'><cache id='0' level='3' type='both' size='3' "
          "unit='MiB'/></cachetune></cputune>",
          "", "/domain/cputune/cachetune[2]/@vcpus", "a vCPU of '1-2' is in another <cachetune>" },
        { "ct-cache-dup",
          "<vcpu>4</vcpu><cputune><cachetune vcpus='0-1'><cache id='0' level='3' type='both' size='3' "
          "unit='MiB'/><cache id='0' level='3' type='both' size='3' unit='MiB'/></cachetune></cputune>",
          "", "/domain/cputune/cachetune[1]/cache[2]", "this cache is given twice in the group" },
        { "ct-cache-cdp",
          "<vcpu>4</vcpu><cputune><cachetune vcpus='0-1'><cache id='0' level='3' type='both' size='3' "
          "unit='MiB'/><cache id='0' level='3' type='code' size='3' unit='MiB'/></cachetune></cputune>",
          "", "/domain/cputune/cachetune[1]/cache[2]", "this cache is given twice in the group" },
        { "ct-mem-overlap",
          "<vcpu>4</vcpu><cputune><memorytune vcpus='0-1'><node id='0' "
          "bandwidth='20'/></memorytune><memorytune vcpus='1-2'><node id='0' "
          "bandwidth='20'/></memorytune></cputune>",
          "", "/domain/cputune/memorytune[2]/@vcpus", "a vCPU of '1-2' is in another <memorytune>" },
        { "ct-mem-dup",
          "<vcpu>4</vcpu><cputune><memorytune vcpus='0-1'><node id='0' bandwidth='20'/><node id='0' "
          "bandwidth='30'/></memorytune></cputune>",
          "", "/domain/cputune/memorytune[1]/node[2]/@id", "the node 0 is given twice in the group" },
        { "ct-monitor",
          "<vcpu>4</vcpu><cputune><cachetune vcpus='0-1'><monitor level='3' "
          "vcpus='3'/></cachetune></cputune>",
          "", "/domain/cputune/cachetune[1]/monitor[1]/@vcpus",
          "'3' are not all of the group's vCPUs '0-1'" },
        { "ct-monitor-overlap",
          "<vcpu>4</vcpu><cputune><cachetune vcpus='0-2'><monitor level='3' vcpus='0-1'/><monitor level='3' "
          "vcpus='1-2'/></cachetune></cputune>",
          "", "/domain/cputune/cachetune[1]/monitor[2]/@vcpus", "a vCPU of '1-2' has another monitor" },
        { "bk-weight", "<blkiotune><weight>5</weight></blkiotune>", "", "/domain/blkiotune/weight",
          "'5' is not from 100 to 1000" },
        { "numa-overlap",
          "<vcpu>2</vcpu><cpu><numa><cell id='0' cpus='0-1' memory='524288'/><cell id='1' cpus='1' "
          "memory='524288'/></numa></cpu>",
          "", "/domain/cpu/numa/cell[2]/@cpus", "a CPU of the NUMA cell is in another cell already" },
        { "numa-dist-local",
          "<vcpu>2</vcpu><cpu><numa><cell id='0' cpus='0' memory='524288'><distances><sibling id='0' "
          "value='20'/></distances></cell><cell id='1' cpus='1' memory='524288'/></numa></cpu>",
          "", "/domain/cpu/numa/cell[1]/distances/sibling[1]/@value",
          "the distance of a cell to itself is 10, not 20" },
        { "numa-dist-remote10",
          "<vcpu>2</vcpu><cpu><numa><cell id='0' cpus='0' memory='524288'><distances><sibling id='1' "
          "value='10'/></distances></cell><cell id='1' cpus='1' memory='524288'/></numa></cpu>",
          "", "/domain/cpu/numa/cell[1]/distances/sibling[1]/@value",
          "the distance to another cell is more than 10" },
        { "numa-cache-level",
          "<vcpu>2</vcpu><cpu><numa><cell id='0' cpus='0-1' memory='1048576'><cache level='4' "
          "associativity='direct' policy='writeback'><size value='10' unit='KiB'/><line value='8' "
          "unit='B'/></cache></cell></numa></cpu>",
          "", "/domain/cpu/numa/cell[1]/cache[1]/@level",
          "a memory-side cache has a level from 1 to 3, not 4" },
        { "numa-cache-dup",
          "<vcpu>2</vcpu><cpu><numa><cell id='0' cpus='0-1' memory='1048576'><cache level='1' "
          "associativity='direct' policy='writeback'><size value='10' unit='KiB'/><line value='8' "
          "unit='B'/></cache><cache level='1' associativity='direct' policy='writeback'><size value='10' "
          "unit='KiB'/><line value='8' unit='B'/></cache></cell></numa></cpu>",
          "", "/domain/cpu/numa/cell[1]/cache[2]/@level", "the cache of level 1 is given twice" },
        { "nt-auto-nodeset", "<numatune><memory mode='strict' placement='auto' nodeset='0'/></numatune>", "",
          "/domain/numatune/memory/@nodeset",
          "with placement='auto' the nodes are chosen: leave out nodeset" },
        { "cpu-cache-l2", "<cpu mode='host-passthrough'><cache mode='emulate' level='2'/></cpu>", "",
          "/domain/cpu/cache/@level", "only the cache of level 3 is emulated, not 2" },
        { "cpu-cache-pass-custom",
          "<cpu mode='custom'><model>qemu64</model><cache mode='passthrough'/></cpu>", "",
          "/domain/cpu/cache/@mode", "<cache mode='passthrough'> needs <cpu mode='host-passthrough'>" },
        { "cpu-cache-emul-nolevel", "<cpu mode='host-passthrough'><cache mode='emulate'/></cpu>", "",
          "/domain/cpu/cache/@mode", "<cache mode='emulate'> needs level='3'" },
        { "cpu-cache-pass-hostmodel", "<cpu mode='host-model'><cache mode='passthrough'/></cpu>", "",
          "/domain/cpu/cache/@mode", "<cache mode='passthrough'> needs <cpu mode='host-passthrough'>" },
        { "cpu-maxphys-pass-custom",
          "<cpu mode='custom'><model>qemu64</model><maxphysaddr mode='passthrough'/></cpu>", "",
          "/domain/cpu/maxphysaddr/@mode",
          "<maxphysaddr mode='passthrough'> needs <cpu mode='host-passthrough'>" },
        { "ck-tz-none", "<clock offset='timezone'/>", "", "/domain/clock/@offset",
          "offset='timezone' needs a timezone" },
        { "title-nl", "<title>a\nb</title>", "", "/domain/title", "the title must be one line" },
        { "reboot-rename", "<on_reboot>rename-restart</on_reboot>", "", "/domain/on_reboot",
          "a guest is not renamed when it ends; use 'restart'" },
        { "poweroff-rename", "<on_poweroff>rename-restart</on_poweroff>", "", "/domain/on_poweroff",
          "a guest is not renamed when it ends; use 'restart'" },
        { "sl-dup", "<seclabel type='dynamic' model='dac'/><seclabel type='dynamic' model='dac'/>", "",
          "/domain/seclabel[2]/@model", "there are two seclabels of model 'dac'" },
        { "sl-multi-nomodel", "<seclabel type='dynamic'/><seclabel type='dynamic' model='dac'/>", "",
          "/domain/seclabel[1]", "several seclabels need a model each" },
        { "mem-zero", "<memory>0</memory>", "", "/domain/memory", "a guest needs memory" },
};

static void test_rule(gconstpointer data)
{
        gsize n = GPOINTER_TO_SIZE(data);
        g_autofree char *text =
                g_strdup_printf("<domain type='kvm'><name>n</name>%s%s<devices>%s</devices></domain>",
                                strstr(rows[n].head, "<memory>") ? "" : "<memory>1048576</memory>",
                                rows[n].head, rows[n].devices);
        g_autoptr(GError) error = NULL;
        g_autoptr(DmDomain) d = dm_domain_parse(text, strlen(text), 0, NULL, &error);
        g_assert_null(d);
        g_assert_cmpstr(error->message, ==, rows[n].message);
        g_assert_cmpstr(dm_error_path(error), ==, rows[n].path);
        g_assert_cmpuint(dm_error_line(error), >, 0);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *path = g_strdup_printf("/conf/rules/%s", rows[i].name);
                g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_rule);
        }
        return g_test_run();
}
