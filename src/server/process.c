/* SPDX-License-Identifier: MIT */
#include "server/process.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>

void
process_raise_limits(const struct log *log)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
		log_write(log, LOG_LEVEL_WARN, "server.limit",
		    "cannot raise the number of descriptors: %s",
		    strerror(errno));
}

void
process_block_signals(sigset_t *before)
{
	static const int faults[] = {
		SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP,
	};
	sigset_t all;
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	sigfillset(&all);
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigdelset(&all, faults[i]);
	pthread_sigmask(SIG_SETMASK, &all, before);
}
