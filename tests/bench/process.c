/* SPDX-License-Identifier: MIT */
#include "process.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static uint64_t
thread_cpu_ns(pid_t pid, const char *thread)
{
	char path[320];
	uint64_t ns = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat", (int)pid,
	    thread);
	file = fopen(path, "r");
	if (file == NULL)
		return 0;
	if (fscanf(file, "%" SCNu64, &ns) != 1)
		ns = 0;
	fclose(file);
	return ns;
}

uint64_t
process_cpu_ns(pid_t pid)
{
	char path[64];
	struct dirent *entry;
	uint64_t sum = 0;
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	threads = pid != 0 ? opendir(path) : NULL;
	if (threads == NULL)
		return 0;
	while ((entry = readdir(threads)) != NULL) {
		if (entry->d_name[0] != '.')
			sum += thread_cpu_ns(pid, entry->d_name);
	}
	closedir(threads);
	return sum;
}

uint64_t
process_memory(pid_t pid)
{
	char path[64], line[256];
	uint64_t kib = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	file = pid != 0 ? fopen(path, "r") : NULL;
	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "Anonymous: %" SCNu64, &kib) == 1)
			break;
	}
	fclose(file);
	return kib * 1024;
}

static uint64_t
read_clock(clockid_t clock)
{
	struct timespec time;

	if (clock_gettime(clock, &time) != 0)
		return 0;
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

uint64_t
own_cpu_ns(void)
{
	return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

uint64_t
now_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}
