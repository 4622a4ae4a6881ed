/* Everything about the host that a decision may depend on, in one struct with one loader, so that a test can
 * be any host.  Nothing in resolving or building looks at the machine itself. */
#pragma once

#include <glib.h>
#include <sys/types.h>

#include "conf/domain.h"
#include "util/json.h"

typedef enum DmKvmState {
        DM_KVM_USABLE,
        DM_KVM_NO_DEVICE,     /* /dev/kvm does not exist */
        DM_KVM_NO_ACCESS,     /* open failed; errno in kvm_errno */
        DM_KVM_BAD_API,       /* KVM_GET_API_VERSION is not 12 (or failed: -1, errno in kvm_errno); number in
                                 kvm_api */
        DM_KVM_CREATE_FAILED, /* KVM_CREATE_VM failed; errno in kvm_errno */
} DmKvmState;

typedef enum DmFileKind {
        DM_FILE_MISSING,
        DM_FILE_REGULAR,
        DM_FILE_DIRECTORY,
        DM_FILE_BLOCK,
        DM_FILE_OTHER
} DmFileKind;

typedef struct DmFileFact {
        DmFileKind kind;
        int errno_value;     /* why it is missing or unreadable; 0 */
        gboolean executable; /* any x bit and access(X_OK) for the user that emulators run as */
        gboolean readable, writable;
        gboolean program; /* begins with \x7fELF or #! */
        char *real;       /* real path; equal files have equal real paths */
        guint64 size;
        char *format; /* what the content looks like: "qcow2", "vmdk", …; NULL: nothing known (raw) */
} DmFileFact;

typedef struct DmHostCpu { /* a processor that is on */
        unsigned id, socket, die, core;
        char *siblings; /* threads of its core, a CPU list: "0-1" */
} DmHostCpu;

typedef struct DmHostCell { /* a NUMA node */
        unsigned id;
        guint64 memory;    /* bytes */
        GPtrArray *cpus;   /* of DmHostCpu */
        GArray *distances; /* of unsigned: to the node at the same place of DmHost.cells */
} DmHostCell;

typedef struct DmHost {
        gatomicrefcount refs;
        char *arch;                   /* libvirt's name of uname -m */
        char *cpu_vendor, *cpu_model; /* as /proc/cpuinfo has them; nullable */
        char **cpu_flags;             /* nullable */
        unsigned cpus, sockets, dies, cores, threads;
        guint64 memory; /* bytes */
        unsigned page_size;
        char **huge_pages; /* sizes of huge pages, KiB in digits, ascending; nullable */
        GPtrArray *cells;  /* DmHostCell; NULL: one, of all memory and processors */
        DmKvmState kvm;
        int kvm_errno, kvm_api;
        gboolean dev_kqemu, dev_qvm86;
        char *xen; /* text of /sys/hypervisor/properties/capabilities; NULL: no Xen */
        char *xen_device_model, *xen_loader; /* qemu-dm, hvmloader; nullable */
        uid_t uid;                           /* that emulators will run as */
        gid_t gid;
        char *user;            /* its name */
        char *hostname, *uuid; /* uuid nullable */
        GPtrArray *
                programs; /* char *: candidates for emulators found in $PATH, by full path, in search order */
        GHashTable *files;    /* path -> DmFileFact: what documents name (dm_host_gather) and the programs */
        GPtrArray *firmwares; /* DmJson: firmware descriptors in order of precedence, each with its
                                 "descriptor" path.  Never changed once loaded: copies share it */
        GPtrArray *sources;   /* char *: directories and files that were read, beside `files`: what a cache
                                 must watch */
} DmHost;

/* Looks at this machine.  @path is a search path like $PATH, NULL for the environment's.  Never fails: what
 * cannot be read is absent. */
DmHost *dm_host_load(const char *path);
/* The same for emulators that will run as another user: what @uid and @gid may open counts (by mode bits). */
DmHost *dm_host_load_for(const char *path, uid_t uid, gid_t gid);
/* A host without anything, of libvirt's @arch: where a test or a facts file starts from. */
DmHost *dm_host_new(const char *arch);
/* An independent copy: one caller may gather into it while others read the original. */
DmHost *dm_host_copy(const DmHost *h);
/* Reads, or writes, the same facts as JSON: the format that `domus argv --host FACTS.json` takes. */
DmHost *dm_host_from_json(const DmJson *j, GError **error);
DmJson *dm_host_to_json(const DmHost *h);
DmHost *dm_host_ref(DmHost *h);
void dm_host_unref(DmHost *h);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DmHost, dm_host_unref)

/* Looks up every path that @d names (loader, emulator, kernel, initrd, dtb, nvram template, images) and the
 * files of firmware descriptors, and adds them to @h->files.  The one impure step before resolving. */
void dm_host_gather(DmHost *h, const DmDomain *d);
/* Adds the firmware descriptors of the directories that QEMU documents, below @root ("": the system's). */
void dm_host_load_firmwares(DmHost *h, const char *root);
void dm_host_gather_path(DmHost *h, const char *path);
/* Adds a program that was found, or that a test wants to be found: to the end of @h->programs. */
void dm_host_add_program(DmHost *h, const char *path);
/* Fact of @path; a path that was not gathered is missing with ENOENT.  Borrowed. */
const DmFileFact *dm_host_file(const DmHost *h, const char *path);
/* Adds or replaces the fact of @path; takes @fact (g_new; its strings too). */
void dm_host_take_fact(DmHost *h, const char *path, DmFileFact *fact);
/* The first of @h->programs that is called @name (or is that full path); NULL when there is none.  Borrowed.
 */
const char *dm_host_program(const DmHost *h, const char *name);
/* «/dev/kvm does not exist», «/dev/kvm: Permission denied (as user nobody)», …; NULL when KVM is usable.
 * Owned. */
char *dm_host_kvm_reason(const DmHost *h);
/* Tests KVM anew (0.6 ms): what start does right before it relies on it. */
DmKvmState dm_host_test_kvm(int *ret_errno, int *ret_api);
