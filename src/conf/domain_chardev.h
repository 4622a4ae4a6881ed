/* <serial>, <parallel>, <console>, <channel>: a character device and its host side. */
#pragma once

#include "conf/domain_security.h"

typedef enum DmChardevType {
        DM_CHARDEV_UNSET,
        DM_CHARDEV_NULL,
        DM_CHARDEV_VC,
        DM_CHARDEV_PTY,
        DM_CHARDEV_DEV,
        DM_CHARDEV_FILE,
        DM_CHARDEV_PIPE,
        DM_CHARDEV_STDIO,
        DM_CHARDEV_UDP,
        DM_CHARDEV_TCP,
        DM_CHARDEV_UNIX,
        DM_CHARDEV_SPICEVMC,
        DM_CHARDEV_SPICEPORT,
        DM_CHARDEV_NMDM,
        DM_CHARDEV_QEMU_VDAGENT,
        DM_CHARDEV_DBUS,
} DmChardevType;
extern const DmEnum dm_chardev_type;

typedef enum DmChardevMode { DM_CHARDEV_MODE_UNSET, DM_CHARDEV_CONNECT, DM_CHARDEV_BIND } DmChardevMode;
extern const DmEnum dm_chardev_mode;
typedef enum DmChardevProtocol {
        DM_PROTOCOL_UNSET,
        DM_PROTOCOL_RAW,
        DM_PROTOCOL_TELNET,
        DM_PROTOCOL_TELNETS,
        DM_PROTOCOL_TLS,
} DmChardevProtocol;
extern const DmEnum dm_chardev_protocol;

/* <target type=> of <serial>: which kind of chip. */
typedef enum DmSerialType {
        DM_SERIAL_UNSET,
        DM_SERIAL_ISA,
        DM_SERIAL_USB,
        DM_SERIAL_PCI,
        DM_SERIAL_SPAPR_VIO,
        DM_SERIAL_SYSTEM,
        DM_SERIAL_SCLP,
        DM_SERIAL_ISA_DEBUG,
} DmSerialType;
extern const DmEnum dm_serial_type;
typedef enum DmSerialModel {
        DM_SERIAL_MODEL_UNSET,
        DM_SERIAL_MODEL_ISA_SERIAL,
        DM_SERIAL_MODEL_USB_SERIAL,
        DM_SERIAL_MODEL_PCI_SERIAL,
        DM_SERIAL_MODEL_SPAPR_VTY,
        DM_SERIAL_MODEL_PL011,
        DM_SERIAL_MODEL_SCLPCONSOLE,
        DM_SERIAL_MODEL_SCLPLMCONSOLE,
        DM_SERIAL_MODEL_16550A,
        DM_SERIAL_MODEL_ISA_DEBUGCON,
} DmSerialModel;
extern const DmEnum dm_serial_model;

typedef enum DmConsoleType {
        DM_CONSOLE_UNSET,
        DM_CONSOLE_SERIAL,
        DM_CONSOLE_VIRTIO,
        DM_CONSOLE_SCLP,
        DM_CONSOLE_SCLPLM,
        DM_CONSOLE_XEN,
        DM_CONSOLE_UML,
        DM_CONSOLE_OPENVZ,
        DM_CONSOLE_LXC,
} DmConsoleType;
extern const DmEnum dm_console_type;

typedef enum DmChannelType {
        DM_CHANNEL_UNSET,
        DM_CHANNEL_GUESTFWD,
        DM_CHANNEL_VIRTIO,
        DM_CHANNEL_XEN
} DmChannelType;
extern const DmEnum dm_channel_type;

typedef enum DmChannelState {
        DM_CHANNEL_STATE_UNSET,
        DM_CHANNEL_CONNECTED,
        DM_CHANNEL_DISCONNECTED,
} DmChannelState;
typedef enum DmMouseMode { DM_MOUSE_UNSET, DM_MOUSE_SERVER, DM_MOUSE_CLIENT } DmMouseMode;
extern const DmEnum dm_channel_state, dm_mouse_mode;

typedef struct DmChardev {
        DmDevice dev;
        DmChardevType type;
        char *tty; /* runtime: the pty's path, an attribute of <console> */
        /* <source> */
        char *path;                     /* dev, file, pipe, unix, pty (runtime) */
        DmOnOff append;                 /* file */
        DmChardevMode mode;             /* unix; tcp */
        char *host, *service;           /* tcp; udp: where output is sent */
        char *bind_host, *bind_service; /* udp: where input is received */
        char *channel;                  /* spiceport; dbus */
        DmYesNo tls;
        DmYesNo reconnect;
        DmOptU32 reconnect_timeout; /* seconds */
        DmYesNo clipboard;          /* qemu-vdagent: <clipboard copypaste=> */
        DmMouseMode mouse;
        char *master, *slave; /* nmdm */
        GPtrArray *seclabels; /* of DmDeviceSeclabel */
        DmChardevProtocol protocol;
        char *log_file;
        DmOnOff log_append;
        /* <target>; which of these a kind has is said by the rows */
        DmSerialType serial_type;
        DmSerialModel serial_model;
        DmConsoleType console_type;
        DmChannelType channel_type;
        DmOptU32 port;
        char *target_name;    /* channel virtio: org.qemu.guest_agent.0 */
        DmChannelState state; /* runtime */
        char *guestfwd_address, *guestfwd_port;
} DmChardev;

/* Rows of the host side for a DmChardev that is the member @m of T.  The row of its type must stand before
 * them. */
#define DM_CHARDEV_TYPE_ROW(T, m, ...) \
        DM_ENUM(T, m.type, "type", dm_chardev_type, .doc = "The host side.", __VA_ARGS__)
#define DM_CHARDEV_SOURCE_ROWS(T, m)                                                                 \
        DM_AT(T, m, dm_chardev_source_pty, DM_WHEN(T, m.type, DM_CHARDEV_PTY)),                      \
                DM_AT(T, m, dm_chardev_source_path, .flags = DM_REQUIRED,                            \
                      DM_WHEN(T, m.type, DM_CHARDEV_DEV, DM_CHARDEV_PIPE)),                          \
                DM_AT(T, m, dm_chardev_source_file, .flags = DM_REQUIRED,                            \
                      DM_WHEN(T, m.type, DM_CHARDEV_FILE)),                                          \
                DM_AT(T, m, dm_chardev_source_unix, DM_WHEN(T, m.type, DM_CHARDEV_UNIX)),            \
                DM_AT(T, m, dm_chardev_source_tcp, .flags = DM_REQUIRED,                             \
                      DM_WHEN(T, m.type, DM_CHARDEV_TCP)),                                           \
                DM_AT(T, m, dm_chardev_source_bind, DM_WHEN(T, m.type, DM_CHARDEV_UDP)),             \
                DM_AT(T, m, dm_chardev_source_connect, .flags = DM_REQUIRED,                         \
                      DM_WHEN(T, m.type, DM_CHARDEV_UDP)),                                           \
                DM_AT(T, m, dm_chardev_source_channel, .flags = DM_REQUIRED,                         \
                      DM_WHEN(T, m.type, DM_CHARDEV_SPICEPORT, DM_CHARDEV_DBUS)),                    \
                DM_AT(T, m, dm_chardev_source_vdagent, DM_WHEN(T, m.type, DM_CHARDEV_QEMU_VDAGENT)), \
                DM_AT(T, m, dm_chardev_source_nmdm, DM_WHEN(T, m.type, DM_CHARDEV_NMDM)),            \
                DM_AT(T, m, dm_chardev_protocol_element, DM_WHEN(T, m.type, DM_CHARDEV_TCP)),        \
                DM_AT(T, m, dm_chardev_log_element)
extern const DmXmlElement dm_chardev_source_pty, dm_chardev_source_path, dm_chardev_source_file,
        dm_chardev_source_unix, dm_chardev_source_tcp, dm_chardev_source_bind, dm_chardev_source_connect,
        dm_chardev_source_channel, dm_chardev_source_vdagent, dm_chardev_source_nmdm,
        dm_chardev_protocol_element, dm_chardev_log_element;
/* The rules of the host side; for the checks of whatever holds a DmChardev. */
void dm_chardev_check(const DmChardev *d, const DmXmlCheck *c);
