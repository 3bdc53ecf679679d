/* SPDX-License-Identifier: MIT */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/* What a process uses, from /proc (Linux). */

/* CPU time of all its threads that live, in nanoseconds; 0 if unknown. */
uint64_t process_cpu_ns(pid_t pid);

/* Anonymous memory that is resident, in bytes; 0 if unknown. */
uint64_t process_memory(pid_t pid);

/* CPU time of this process, and a clock that never goes back. */
uint64_t own_cpu_ns(void);
uint64_t now_ns(void);

#endif
