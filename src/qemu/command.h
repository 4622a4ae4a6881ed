/* From a resolved definition to the command line.  Building is pure: what needs the host (descriptors,
 * directories, the time) comes in through DmBuild. */
#pragma once

#include "conf/domain_image.h"
#include "qemu/command_line.h"
#include "qemu/plan.h"
#include "qemu/settings.h"

/* What a descriptor is for that DmBuild.pass_fd is asked for. */
typedef enum DmFdUse {
        DM_FD_LISTEN,     /* a unix socket that already listens */
        DM_FD_SOURCE,     /* the file that a character device writes */
        DM_FD_LOG,        /* … and its log */
        DM_FD_TPM,        /* the host's TPM */
        DM_FD_TPM_CANCEL, /* … and what stops a request to it; the path is the TPM's */
        DM_FD_TAP,        /* a queue of the interface's tap; the path is its name, "" when it has none yet */
        DM_FD_VHOST_NET,  /* /dev/vhost-net, one for each queue */
        DM_FD_VDPA,       /* /dev/vhost-vdpa-N */
        DM_FD_VHOST_SCSI, /* /dev/vhost-scsi */
        DM_FD_VHOST_USER, /* socket of a program beside QEMU that the driver has started */
        DM_FD_VSOCK,      /* /dev/vhost-vsock; the guest's address is taken with it */
} DmFdUse;

/* What <launchSecurity> hands to the firmware, as files of the guest's directory. */
#define DM_DH_CERT_FILE "dh_cert.base64"
#define DM_SESSION_FILE "session.base64"

/* A file system of huge pages on the host, and the guest's directory in it. */
typedef struct DmHugeDir {
        guint64 size; /* of a page, bytes; 0 ends a list */
        const char *dir;
} DmHugeDir;

/* A secret that QEMU is to be given: one that somebody keeps, or a text of the document that must not be seen
 * in the list of processes. */
typedef struct DmSecretAsk {
        const char *id;         /* of the object */
        const DmSecretRef *ref; /* NULL: */
        const char *text;
} DmSecretAsk;

/* What the command line needs from the run: names of directories, numbers of descriptors. */
typedef struct DmBuild {
        const DmPlan *plan;
        DmCommand *command; /* owned by the caller */
        int monitor_fd;     /* listening QMP socket, -1: by path */
        const char *monitor_path;
        gboolean master_key;        /* <run_dir>/master-key.aes exists: QEMU gets it as secret masterKey0 */
        const char *run_dir;        /* the guest's private directory; nullable: then it has none */
        const char *channel_dir;    /* sockets of channels without a path */
        const char *nvram_dir;      /* NAME_VARS.fd of guests whose document names no file */
        const char *tpm_socket;     /* of the guest's swtpm; nullable: in run_dir */
        const char *ram_dir;        /* files that hold guest memory */
        const DmHugeDir *huge_dirs; /* nullable; the host's default size comes first */
        guint64 page_size;          /* of the host's usual pages; 0: unknown */
        const char *auto_nodes;     /* host nodes for placement='auto': "0-3"; NULL: all */
        const char *passt_prefix;   /* "-net0.socket" is added; nullable: in run_dir */
        const char *render_node;    /* device of the host that draws; nullable */
        const DmSettings *settings; /* nullable: dm_settings_none */
        gboolean incoming;          /* started to receive a saved guest */
        gint64 now;                 /* seconds since 1970, for clocks that are set relative to now */
        int utc_offset;             /* of the host's local time then, seconds */
        /* A descriptor to be inherited for @path: returns the number to write on the command line, or -1 when
         * the path is to be used.  Nullable: paths are used. */
        int (*pass_fd)(struct DmBuild *b, DmFdUse use, const char *path, const DmDevice *device);
        /* The host's /dev/sgN that <hostdev type='scsi'> names by adapter and place.  Owned; NULL with the
         * reason. Nullable. */
        char *(*scsi_generic)(struct DmBuild *b, const DmDevice *device, GError **error);
        /* Adds to the object @props what holds @ask: "data", "keyid" and "iv", or "file".  Nullable: the
         * driver has no secrets. */
        gboolean (*secret)(struct DmBuild *b, const DmSecretAsk *ask, DmJson *props, GError **error);
        /* What the volume that @image names is: an image of another type, borrowed until the building ends.
         * NULL with the reason.  Nullable: there are no pools. */
        const DmImage *(*volume)(struct DmBuild *b, const DmImage *image, GError **error);
        gboolean fips;       /* the host allows approved cryptography only */
        unsigned next_fdset; /* numbers of -add-fd sets */
        void *data;
} DmBuild;

/* The whole command line of b->plan into b->command.  Pure.  Errors name the object and its place. */
gboolean dm_build_command(DmBuild *b, GError **error);

/* Adds one device: JSON where the emulator takes it, key=value otherwise.  Takes @props. */
void dm_build_device(DmBuild *b, const void *origin, const char *why, DmJson *props);
void dm_build_object(DmBuild *b, const void *origin, const char *why, DmJson *props);
void dm_build_netdev(DmBuild *b, const void *origin, DmJson *props);
void dm_build_blockdev(DmBuild *b, const void *origin, DmJson *props);
/* The descriptor for @path or -1, see DmBuild.pass_fd. */
int dm_build_fd(DmBuild *b, DmFdUse use, const char *path, const DmDevice *device);

/* ---- memory (command_ram.c) ---- */
/* A piece of guest memory: all of it, that of a NUMA node, a memory module. */
typedef struct DmRam {
        const char *id;         /* of the object */
        const void *origin;     /* its place in the document */
        guint64 size;           /* bytes */
        int node;               /* of the guest; -1: none */
        gboolean system;        /* all of main memory: gets a name that older QEMUs gave it */
        const char *path;       /* a file that holds it; NULL: as <memoryBacking> says */
        guint64 page_size;      /* 0: as <memoryBacking> says */
        const char *host_nodes; /* nullable: as <numatune> says */
        DmMemoryAccess access;  /* unset: as the node, or <memoryBacking>, says */
        DmYesNo discard;
} DmRam;
/* The object that holds it.  *ret_plain: nothing asks for an object of its own.  NULL with the reason. */
DmJson *dm_ram_props(const DmBuild *b, const DmRam *ram, gboolean *ret_plain, GError **error);
/* Adds the object, and the threads near its node that fill it.  Takes @props. */
void dm_build_ram(DmBuild *b, const DmRam *ram, DmJson *props);
/* Directory for pages of @size bytes (0: the default size), NULL: there is none.  Borrowed. */
const DmHugeDir *dm_build_huge_dir(const DmBuild *b, guint64 size);
/* What keeps memory without objects of its own elsewhere: -mem-path, -mem-prealloc. */
gboolean dm_build_mem_path(DmBuild *b, GError **error);

/* ---- decisions of a plan that others write down or show ---- */
/* Memory as the board takes it: rounded up to whole MiB (256 MiB for pseries).  Bytes. */
guint64 dm_plan_memory(const DmPlan *p);
gboolean dm_plan_x86(const DmPlan *p);
/* The file for the variables of firmware in flash; @nvram_dir: where it is when the document names none.
 * Owned; NULL: there is none. */
char *dm_plan_nvram_path(const DmPlan *p, const char *nvram_dir);
/* TRUE when the guest has I/O thread number @id. */
gboolean dm_plan_has_iothread(const DmPlan *p, unsigned id);
/* Applies what the document says of the device's properties by its alias (libvirt's namespace for QEMU);
 * dm_build_device does. */
void dm_props_override(const DmPlan *p, DmJson *props);
