/* Code that runs between clone(CLONE_VM|CLONE_VFORK) and exec.  It shares the parent's memory, thread-local
 * storage included, while the parent's other threads go on: only raw system calls by syscall(), no
 * allocation, no locks, no libc wrapper that a sanitizer intercepts (it would note the child's close() as the
 * parent's). */
#pragma once

/* Marks such functions: instrumentation would book their work on the parent's thread. */
#if defined(__clang__)
#define DM_VFORK_CHILD \
        __attribute__((disable_sanitizer_instrumentation, no_sanitize("address", "thread", "undefined")))
#else
#define DM_VFORK_CHILD \
        __attribute__((no_sanitize("address"), no_sanitize("thread"), no_sanitize("undefined")))
#endif
